<?php

declare(strict_types=1);

namespace CrowdSky\Changes;

use CrowdSky\Database\Database;
use CrowdSky\Database\Engine;

/**
 * Counts the changes of each part of the archive, so that a copy of it knows which parts to read again.
 *
 * A change is noted in the transaction that makes it. Whoever copies reads the counts first and then the stacks: what is
 * committed in between is in the copy already, and read once more the next time.
 */
final class StackChanges
{
    /** Ids of stacks that a part spans. */
    public const PART = 512;

    public function __construct(private readonly Database $database)
    {
    }

    /** Notes that a stack was added, changed or removed, or is seen by others. */
    public function note(int $stackId): void
    {
        $this->notePart(self::partOf($stackId));
    }

    /** Notes that others see a user's stacks, or no longer do. */
    public function noteStacksOf(int $userId): void
    {
        $rows = $this->database->all(
            'SELECT DISTINCT id - id % ' . self::PART . ' AS part FROM stacked_frames WHERE user_id = ? ORDER BY part',
            [$userId],
        );
        foreach ($rows as $row) {
            $this->notePart((int) $row['part']);
        }
    }

    /** @return array<int, int> part => changes, of all parts that can hold stacks, in order */
    public function counts(): array
    {
        $rows = $this->database->all('SELECT part, changes FROM stack_changes WHERE part >= 0 ORDER BY part');
        $known = array_map('intval', array_column($rows, 'changes', 'part'));
        $last = (int) $this->database->value('SELECT MAX(id) FROM stacked_frames');
        $counts = [];
        for ($part = 0; $part <= $last; $part += self::PART) {
            $counts[$part] = $known[$part] ?? 0;
        }

        return $counts;
    }

    public static function partOf(int $stackId): int
    {
        return $stackId - $stackId % self::PART;
    }

    private function notePart(int $part): void
    {
        $conflict = $this->database->engine === Engine::Sqlite ? 'ON CONFLICT (part) DO UPDATE SET' : 'ON DUPLICATE KEY UPDATE';
        $this->database->execute("INSERT INTO stack_changes (part, changes) VALUES (?, 1) $conflict changes = changes + 1", [$part]);
    }
}
