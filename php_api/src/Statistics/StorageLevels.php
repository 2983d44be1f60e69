<?php

declare(strict_types=1);

namespace CrowdSky\Statistics;

use CrowdSky\Base\Clock;
use CrowdSky\Base\Utc;
use CrowdSky\Database\Database;

/** How full the site was, as each cleanup measured it. */
final class StorageLevels
{
    /** Seconds from one measurement to the next; cleanups may come more often. */
    private const INTERVAL = 3000;
    private const DAY_SECONDS = 86400;
    /** Days over which a rate is taken, and for how many there must be measurements. */
    private const RATE_DAYS = 7;
    private const LEAST_DAYS = 1.0;

    public function __construct(
        private readonly Database $database,
        private readonly Clock $clock,
        private readonly string $dataDir,
    ) {
    }

    /** Measures, unless that was done a short while ago. */
    public function note(): void
    {
        $last = $this->database->value('SELECT MAX(at) FROM storage_levels');
        if ($last !== null && $last > Utc::storedBefore($this->clock->now(), self::INTERVAL) && $last <= Utc::stored($this->clock->now())) {
            return;
        }
        $this->database->insert('storage_levels', [
            'at' => Utc::stored($this->clock->now()),
            'raw_bytes' => (int) $this->database->value('SELECT COALESCE(SUM(file_size_bytes), 0) FROM raw_files WHERE deleted_at IS NULL'),
            'archive_bytes' => (new ArchiveUse($this->database))->bytes(),
            'free_bytes' => $this->free(),
        ]);
    }

    /** @return list<array{raw: int, archive: int, free: ?int}|null> at the end of each part of a period; null before the first */
    public function over(Period $period): array
    {
        $starts = $period->starts($this->clock->now());
        $width = 3600 * $period->hoursOfPart();
        $levels = array_fill(0, count($starts), null);
        foreach ($this->since($starts[0]) as $row) {
            $part = intdiv(self::second($row['at']) - $starts[0], $width);
            if ($part < count($levels)) {
                $levels[$part] = [
                    'raw' => (int) $row['raw_bytes'],
                    'archive' => (int) $row['archive_bytes'],
                    'free' => $row['free_bytes'] === null ? null : (int) $row['free_bytes'],
                ];
            }
        }

        return $levels;
    }

    /** The rate at which the disk of the data folder has been filling up; null where measurements do not tell. */
    public function forecast(): ?Forecast
    {
        $now = $this->clock->now()->getTimestamp();
        $free = $this->free();
        foreach ($this->since($now - self::RATE_DAYS * self::DAY_SECONDS) as $row) {
            $days = ($now - self::second($row['at'])) / self::DAY_SECONDS;
            if ($row['free_bytes'] !== null && $free !== null) {
                return $days < self::LEAST_DAYS ? null : new Forecast($days, ((int) $row['free_bytes'] - $free) / $days, $free);
            }
        }

        return null;
    }

    /** Free bytes on the disk of the data folder; null where that cannot be found out. */
    public function free(): ?int
    {
        $free = @disk_free_space($this->dataDir);

        return $free === false ? null : (int) $free;
    }

    /** Size of that disk in bytes; null where that cannot be found out. */
    public function size(): ?int
    {
        $size = @disk_total_space($this->dataDir);

        return $size === false ? null : (int) $size;
    }

    /** @return list<array<string, mixed>> rows, oldest first */
    private function since(int $second): array
    {
        return $this->database->all(
            'SELECT at, raw_bytes, archive_bytes, free_bytes FROM storage_levels WHERE at >= ? AND at <= ? ORDER BY at',
            [Utc::stored(new \DateTimeImmutable("@$second")), Utc::stored($this->clock->now())],
        );
    }

    private static function second(string $stored): int
    {
        return (new \DateTimeImmutable($stored, new \DateTimeZone('UTC')))->getTimestamp();
    }
}
