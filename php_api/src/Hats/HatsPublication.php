<?php

declare(strict_types=1);

namespace CrowdSky\Hats;

use CrowdSky\Database\Database;

/**
 * Which partitions are shown. They never overlap: when one is divided or several are joined, the old ones stay until all
 * new ones in their partition of the first order are built. What has nothing public in it any more leaves at once.
 */
final class HatsPublication
{
    public function __construct(
        private readonly Database $database,
        private readonly HatsCells $cells,
        private readonly HatsFiles $files,
        private readonly HatsDescription $description,
    ) {
    }

    /**
     * Shows what can be shown in a partition of the first order.
     *
     * @return int how many partitions are shown no more
     */
    public function settle(int $root): int
    {
        return $this->database->transaction(function () use ($root): int {
            $this->files->lock();
            $cells = $this->cells->within($root);
            $shown = $this->toShow($cells);
            [$removed, $changed] = [0, false];
            foreach ($cells as $name => $cell) {
                $isShown = isset($shown[$name]);
                $changed = $this->files->show($cell->cell, $isShown ? $cell->files : []) || $changed;
                $removed += (int) ($cell->isPublished && !$isShown);
                if (!$isShown && $cell->wanted === null) {
                    $this->cells->remove($cell->cell);
                } elseif ($isShown !== $cell->isPublished) {
                    $this->cells->update($cell->cell, ['is_published' => (int) $isShown]);
                }
            }
            if ($changed) {
                $this->description->renew();
            }
            return $removed;
        });
    }

    /**
     * Takes partitions back that may have rows which nobody may see any more, without waiting for new ones; settle() then
     * removes their files.
     *
     * @param list<HatsCell> $touched pixels of the last order with such rows
     */
    public function withdraw(int $root, array $touched): void
    {
        $this->database->transaction(function () use ($root, $touched): void {
            $this->files->lock();
            foreach ($this->cells->within($root) as $cell) {
                $isTouched = array_filter($touched, static fn (HatsCell $pixel): bool => $pixel->overlaps($cell->cell)) !== [];
                if ($isTouched && $cell->built !== null) {
                    $this->cells->update($cell->cell, ['built' => null, 'files' => null, 'is_published' => 0]);
                }
            }
        });
    }

    /** Writes what describes the partitions again if a file of that has been lost; lost partitions are built again. */
    public function repair(): void
    {
        $this->database->transaction(function (): void {
            $this->files->lock();
            if (!$this->description->isWhole()) {
                $this->description->renew();
            }
        });
    }

    /** @return array<string, true> hashes of all files that are shown */
    public function objects(): array
    {
        return $this->files->objects();
    }

    /**
     * @param array<string, BuiltCell> $cells by name
     * @return array<string, BuiltCell>
     */
    private function toShow(array $cells): array
    {
        $wanted = array_filter($cells, static fn (BuiltCell $cell): bool => $cell->wanted !== null);
        $ready = array_filter($wanted, static fn (BuiltCell $cell): bool => $cell->built !== null);
        if (count($ready) === count($wanted)) {
            return $ready;
        }
        // What nothing wanted overlaps has no public rows any more.
        $shown = array_filter($cells, static fn (BuiltCell $cell): bool => $cell->isPublished && self::meets($cell, $wanted));
        foreach ($ready as $name => $cell) {
            if (!self::meets($cell, array_diff_key($shown, [$name => true]))) {
                $shown[$name] = $cell;
            }
        }
        return $shown;
    }

    /** @param array<string, BuiltCell> $others */
    private static function meets(BuiltCell $cell, array $others): bool
    {
        foreach ($others as $other) {
            if ($cell->cell->overlaps($other->cell)) {
                return true;
            }
        }
        return false;
    }
}
