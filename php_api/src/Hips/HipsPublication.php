<?php

declare(strict_types=1);

namespace CrowdSky\Hips;

use CrowdSky\Base\Clock;
use CrowdSky\Custody\ArchiveIds;

/** Puts the tiles of cells into the HiPS, and takes them out. */
final class HipsPublication
{
    public function __construct(
        private readonly HipsFolder $folder,
        private readonly HipsCells $cells,
        private readonly ArchiveIds $archive,
        private readonly Clock $clock,
    ) {
    }

    /** @param iterable<string, string> $files content by name */
    public function replaceTiles(int $cell, iterable $files): void
    {
        $kept = [];
        foreach ($files as $name => $content) {
            $this->folder->write($name, $content);
            $kept[$name] = true;
        }
        $this->folder->removeTiles($cell, $kept);
    }

    /** Removes a cell: its tiles first, so that a crash leaves no tile behind that nobody remembers. */
    public function remove(int $cell): void
    {
        $this->folder->removeTiles($cell);
        $this->cells->remove($cell);
    }

    /** Writes what describes all tiles together. */
    public function describe(): void
    {
        $id = $this->archive->oldest();
        $this->folder->describe($this->cells->coverage(), "ivo://crowdsky.$id/hips", $this->clock->now());
    }
}
