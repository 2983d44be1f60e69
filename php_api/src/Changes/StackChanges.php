<?php

declare(strict_types=1);

namespace CrowdSky\Changes;

use CrowdSky\Database\Database;
use CrowdSky\Database\Engine;

/**
 * Notes that stacks have come, gone, or are seen by others, and what follows from it: which light counts, which calibrations
 * have numbers of what is not to be seen any more, and which parts of the archive a copy of it has to read again.
 *
 * A change is noted in the transaction that makes it. Whoever copies reads the counts first and then the stacks: what is
 * committed in between is in the copy already, and read once more the next time.
 */
final class StackChanges
{
    /** Ids of stacks that a part spans. */
    public const PART = 512;

    private readonly SharedLight $light;
    private readonly WithdrawnNumbers $numbers;

    public function __construct(private readonly Database $database)
    {
        $this->light = new SharedLight($database);
        $this->numbers = new WithdrawnNumbers($database);
    }

    /** Notes that a stack was added or changed, or is seen by others. */
    public function note(int $stackId): void
    {
        $this->numbers->look([$stackId]);
        $this->noteParts([$stackId, ...$this->light->settle([$stackId])]);
    }

    /** Notes that stars of a stack were read: with them, it may stand for others that show the same light. */
    public function noteStars(int $stackId): void
    {
        $this->noteParts([$stackId, ...$this->light->settle([$stackId])]);
    }

    /**
     * Notes that a stack is removed.
     *
     * @param \Closure(): mixed $remove deletes its row
     */
    public function noteRemoval(int $stackId, \Closure $remove): void
    {
        $partners = $this->light->partners($stackId);
        $this->numbers->leaving($stackId);
        $remove();
        $this->noteParts([$stackId, ...$this->light->settle($partners)]);
    }

    /** Notes that others see a user's stacks, or no longer do. */
    public function noteStacksOf(int $userId): void
    {
        $rows = $this->database->all(
            'SELECT DISTINCT id - id % ' . self::PART . ' AS part FROM stacked_frames WHERE user_id = ? ORDER BY part',
            [$userId],
        );
        $this->numbers->look(array_map(intval(...), $this->database->column('SELECT id FROM stacked_frames WHERE user_id = ?', [$userId])));
        $this->noteParts([...array_map(intval(...), array_column($rows, 'part')), ...$this->light->settle($this->light->ofUser($userId))]);
    }

    /** Looks at stacks that were archived before shared light was known, a number of them. */
    public function noteOld(int $limit): int
    {
        $stacks = $this->light->unknown($limit);
        foreach ($stacks as $stackId) {
            $this->database->transaction(fn () => $this->noteStars($stackId));
        }

        return count($stacks);
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

    /** @param list<int> $stackIds */
    private function noteParts(array $stackIds): void
    {
        foreach (array_unique(array_map(self::partOf(...), $stackIds)) as $part) {
            $this->notePart($part);
        }
    }

    private function notePart(int $part): void
    {
        $conflict = $this->database->engine === Engine::Sqlite ? 'ON CONFLICT (part) DO UPDATE SET' : 'ON DUPLICATE KEY UPDATE';
        $this->database->execute("INSERT INTO stack_changes (part, changes) VALUES (?, 1) $conflict changes = changes + 1", [$part]);
    }
}
