<?php

declare(strict_types=1);

namespace CrowdSky\Timekeeping;

/**
 * One cleanup, with what it may believe of its clock.
 */
final class CleanupRun
{
    /** Things found due that a later run may delete. */
    public int $waiting = 0;

    public function __construct(
        public readonly int $id,
        public readonly bool $dryRun,
        public readonly ClockReading $reading,
        /** seconds that have certainly passed since the first run */
        public readonly int $provenSeconds,
        /** offsets of database and disk that an operator has confirmed */
        public readonly int $acceptedDatabaseOffset,
        public readonly int $acceptedDiskOffset,
        /** why nothing may be deleted by age, as a sentence; null when the clock is believed */
        public readonly ?string $doubt,
    ) {
    }

    /** @param array<string, mixed> $row of cleanup_runs */
    public static function fromRow(array $row): self
    {
        $number = static fn (string $column): ?int => $row[$column] === null ? null : (int) $row[$column];
        return new self(
            (int) $row['id'],
            false,
            new ClockReading(
                (int) $row['wall'],
                $row['boot_id'],
                $number('uptime'),
                (int) $row['database_offset'],
                (int) $row['disk_offset'],
            ),
            (int) $row['proven_seconds'],
            (int) $row['accepted_database_offset'],
            (int) $row['accepted_disk_offset'],
            $row['doubt'],
        );
    }
}
