<?php

declare(strict_types=1);

namespace CrowdSky\Database;

use CrowdSky\Base\Clock;

/**
 * Limits how many attempts may be made within a window, however many arrive at once.
 *
 * An attempt is counted before it is judged, and its row is committed before the others are counted: of those that are
 * made at the same time, each sees all that were committed before its own, so that never more than the limit are
 * admitted. A refused one is not counted; one over the limit from the start costs a query and no write.
 *
 * Attempts dated in the future were made before the clock was set back. They are ignored: otherwise they would count for
 * as long as the clock was wrong.
 */
final class AttemptLimit
{
    /**
     * @param string $table whose columns say who tried
     * @param string $timeColumn of the table, with the unix milliseconds of an attempt
     */
    public function __construct(
        private readonly Database $database,
        private readonly Clock $clock,
        private readonly string $table,
        private readonly string $timeColumn,
        private readonly int $windowSeconds,
    ) {
    }

    /**
     * Counts an attempt unless there are too many already.
     *
     * @param array<string, string> $attempt the value of each column that says who tries
     * @param list<array{list<string>, int}> $limits columns, and how many attempts with the same values there may be
     * @return int|null seconds until a limit admits it, null when it is admitted
     */
    public function admit(array $attempt, array $limits): ?int
    {
        $wait = $this->wait($attempt, $limits, 0);
        if ($wait !== null) {
            return $wait;
        }
        $id = $this->database->forgettable(fn (): int => $this->count($attempt));
        $wait = $this->wait($attempt, $limits, 1);
        if ($wait !== null) {
            $this->withdraw(['id' => $id]);
        }
        return $wait;
    }

    /**
     * Counts nothing.
     *
     * @param array<string, string> $attempt as for admit()
     * @param list<array{list<string>, int}> $limits as for admit()
     * @return int|null seconds until a limit would admit such an attempt, null when it would now
     */
    public function waitFor(array $attempt, array $limits): ?int
    {
        return $this->wait($attempt, $limits, 0);
    }

    /**
     * Makes the attempts with these values uncounted.
     *
     * @param array<string, string|int> $values by column
     */
    public function withdraw(array $values): void
    {
        $this->database->forgettable(fn (): int => $this->database->execute(
            "DELETE FROM {$this->table} WHERE " . self::condition(array_keys($values)),
            array_values($values),
        ));
    }

    /** @param array<string, string> $attempt */
    private function count(array $attempt): int
    {
        $this->database->execute(
            "DELETE FROM {$this->table} WHERE {$this->timeColumn} <= ? OR {$this->timeColumn} > ?",
            $this->window(),
        );
        return $this->database->insert($this->table, $attempt + [$this->timeColumn => $this->clock->milliseconds()]);
    }

    /**
     * @param array<string, string> $attempt
     * @param list<array{list<string>, int}> $limits
     * @param int $own attempts among those counted that are the one to be judged: 0 or 1
     * @return int|null seconds until all limits admit the attempt, null when they do now
     */
    private function wait(array $attempt, array $limits, int $own): ?int
    {
        [$since, $until] = $this->window();
        $wait = null;
        foreach ($limits as [$columns, $most]) {
            $values = array_map(static fn (string $column): string => $attempt[$column], $columns);
            $oldestThatCounts = $this->database->value(
                "SELECT {$this->timeColumn} FROM {$this->table} WHERE " . self::condition($columns)
                . " AND {$this->timeColumn} > ? AND {$this->timeColumn} <= ? ORDER BY {$this->timeColumn} DESC LIMIT 1 OFFSET ?",
                [...$values, $since, $until, $most - 1 + $own],
            );
            if ($oldestThatCounts !== null) {
                $wait = max($wait ?? 1, (int) ceil(((int) $oldestThatCounts - $since) / 1000));
            }
        }
        return $wait;
    }

    /** @return array{int, int} the moment before the first attempt that counts, and that of the last */
    private function window(): array
    {
        $now = $this->clock->milliseconds();

        return [$now - $this->windowSeconds * 1000, $now + 1000 * Clock::TOLERANCE_SECONDS];
    }

    /** @param list<string> $columns */
    private static function condition(array $columns): string
    {
        return implode(' AND ', array_map(static fn (string $column): string => "$column = ?", $columns));
    }
}
