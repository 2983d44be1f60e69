<?php

declare(strict_types=1);

namespace CrowdSky\Cleanup;

use CrowdSky\Database\Database;
use CrowdSky\Results\ArchivedName;
use CrowdSky\Results\ResultKind;
use CrowdSky\Trust\HeldResults;

/**
 * The paths in storage to which rows refer: stacks, files that rescans have replaced, and held results.
 */
final class ReferredPaths
{
    private int $user = 0;
    /** @var array<string, true> paths that rows of $user point to */
    private array $referred = [];

    public function __construct(
        private readonly Database $database,
        private readonly HeldResults $held,
    ) {
    }

    /** Keeps the paths of one user at a time, which is enough since listings come folder by folder. */
    public function has(ArchivedName $name, string $path): bool
    {
        if ($this->user !== $name->userId) {
            $this->user = $name->userId;
            $this->referred = array_fill_keys($this->pathsOf($name->userId), true);
        }
        return isset($this->referred[$path]);
    }

    /** Lets the next question be answered by the rows as they are then. */
    public function forget(): void
    {
        $this->user = 0;
    }

    /** @return list<string> */
    private function pathsOf(int $userId): array
    {
        $paths = [];
        $columns = implode(', ', ResultKind::columns());
        // A stack may have been adopted by another account than the one in its path.
        $inFolder = "%/stacks/user_$userId/%";
        foreach ($this->database->all("SELECT $columns FROM stacked_frames WHERE user_id = ? OR ucloud_path LIKE ?", [$userId, $inFolder]) as $row) {
            array_push($paths, ...array_filter(array_values($row)));
        }
        $replaced = $this->database->all(
            'SELECT r.path FROM replaced_objects r JOIN stacked_frames s ON s.id = r.stack_id WHERE s.user_id = ? OR r.path LIKE ?',
            [$userId, $inFolder],
        );
        return [...$paths, ...array_column($replaced, 'path'), ...$this->held->pathsOf($userId)];
    }
}
