<?php

declare(strict_types=1);

namespace CrowdSky\Timekeeping;

use CrowdSky\Base\Utc;
use CrowdSky\Database\Database;

/**
 * Finds out whether the site was in use all the time, from the dates of its rows.
 */
final class ActivityTrail
{
    private const SOURCES = ['job_events' => 'at', 'raw_files' => 'created_at', 'workers' => 'last_seen_at'];
    private const HOUR = 3600;

    public function __construct(private readonly Database $database)
    {
    }

    /**
     * Returns the longest time between two moments without any row, to the hour.
     *
     * @param int $from Unix time
     * @param int $to Unix time
     * @return int seconds
     */
    public function largestGap(int $from, int $to): int
    {
        $hours = [$from];
        $between = [Utc::stored(new \DateTimeImmutable("@$from")), Utc::stored(new \DateTimeImmutable("@$to"))];
        foreach (self::SOURCES as $table => $column) {
            $rows = $this->database->all("SELECT DISTINCT SUBSTR($column, 1, 13) AS hour FROM $table WHERE $column > ? AND $column < ?", $between);
            foreach ($rows as $row) {
                $hours[] = max($from, (int) strtotime("{$row['hour']}:00:00 UTC"));
            }
        }
        sort($hours);
        $gap = 0;
        foreach ($hours as $number => $hour) {
            $gap = max($gap, ($hours[$number + 1] ?? $to) - $hour - self::HOUR);
        }
        return $gap;
    }
}
