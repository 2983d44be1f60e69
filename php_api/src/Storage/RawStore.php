<?php

declare(strict_types=1);

namespace CrowdSky\Storage;

/**
 * Raw frames on the server's disk, under names generated here and never under a name from outside.
 */
final class RawStore
{
    private const NAME = '#^u([0-9]+)/s([0-9]+)/[0-9a-f]{32}\.fits$#D';

    public function __construct(private readonly string $folder)
    {
    }

    /** Generates a storage name for a frame of that owner and upload session. */
    public function newName(int $userId, int $sessionId): string
    {
        return "u$userId/s$sessionId/" . bin2hex(random_bytes(16)) . '.fits';
    }

    /** @return array{int, int} ids of the owner and the upload session for which a storage name was generated */
    public static function ownerOf(string $storageName): array
    {
        preg_match(self::NAME, $storageName, $parts);
        return [(int) $parts[1], (int) $parts[2]];
    }

    /**
     * Lists the frames whose last byte was written at least so long ago, by the clock of their disk: if the site's clock
     * is ahead, an upload in progress must not look old.
     *
     * @param int $age seconds
     * @return list<string> storage names; none when the disk's time cannot be found out
     */
    public function lastWrittenBefore(int $age): array
    {
        $now = is_dir($this->folder) ? DiskClock::now($this->folder) : null;
        if ($now === null) {
            return [];
        }
        $old = [];
        foreach (glob("{$this->folder}/u*/s*", GLOB_ONLYDIR) ?: [] as $session) {
            foreach (scandir($session) ?: [] as $file) {
                $name = implode('/', array_slice(explode('/', "$session/$file"), -3));
                $written = @filemtime("$session/$file");
                if (preg_match(self::NAME, $name) === 1 && $written !== false && $written <= $now - $age) {
                    $old[] = $name;
                }
            }
        }
        return $old;
    }

    /** @return list<array{int, int}> ids of the owner and the upload session of every folder */
    public function sessions(): array
    {
        $sessions = [];
        foreach (glob("{$this->folder}/u*/s*", GLOB_ONLYDIR) ?: [] as $folder) {
            if (preg_match('#/u([0-9]{1,18})/s([0-9]{1,18})$#D', $folder, $parts) === 1) {
                $sessions[] = [(int) $parts[1], (int) $parts[2]];
            }
        }
        return $sessions;
    }

    /** Returns the bytes of a frame; zero if it is gone. */
    public function size(string $storageName): int
    {
        return (int) @filesize($this->path($storageName));
    }

    /** Moves a received file to $storageName, which must come from newName(); a power cut cannot undo it. */
    public function keep(SpooledFile $file, string $storageName): void
    {
        $this->keepAll([$storageName => $file]);
    }

    /**
     * Moves received files likewise, and waits for the disk once for each folder.
     *
     * @param array<string, SpooledFile> $files by their storage names
     */
    public function keepAll(array $files): void
    {
        $folders = [];
        foreach ($files as $storageName => $file) {
            $path = $this->path($storageName);
            $folder = dirname($path);
            if (!isset($folders[$folder]) && !Folders::make($folder)) {
                throw new \RuntimeException("The folder $folder for raw frames cannot be made");
            }
            $folders[$folder] = true;
            rename($file->path, $path);
        }
        array_map(Folders::flush(...), array_keys($folders));
    }

    /** Like keep(), for the same bytes that were kept under $storageName before, in case they are gone. */
    public function keepIfMissing(SpooledFile $file, string $storageName): void
    {
        if (!is_file($this->path($storageName))) {
            $this->keep($file, $storageName);
        }
    }

    /**
     * @return string path on disk
     * @throws \InvalidArgumentException when the name does not come from newName()
     */
    public function path(string $storageName): string
    {
        if (preg_match(self::NAME, $storageName) !== 1) {
            throw new \InvalidArgumentException("'$storageName' is not a storage name of a raw frame");
        }
        return "{$this->folder}/$storageName";
    }

    /** Removes a frame from the disk; one that is already gone is fine. */
    public function delete(string $storageName): void
    {
        $path = $this->path($storageName);
        if (is_file($path)) {
            unlink($path);
        }
    }

    /**
     * Removes empty session and user folders.
     *
     * @return int folders removed
     */
    public function removeEmptyFolders(): int
    {
        $removed = 0;
        foreach ([...(glob("{$this->folder}/u*/s*", GLOB_ONLYDIR) ?: []), ...(glob("{$this->folder}/u*", GLOB_ONLYDIR) ?: [])] as $folder) {
            // rmdir refuses a folder that is not empty, even if its content arrived a moment ago.
            $removed += (int) @rmdir($folder);
        }
        return $removed;
    }
}
