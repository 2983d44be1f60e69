<?php

declare(strict_types=1);

namespace CrowdSky\Statistics;

use CrowdSky\Base\Clock;
use CrowdSky\Base\Utc;
use CrowdSky\Database\Database;
use CrowdSky\Jobs\JobEvents;
use CrowdSky\Jobs\JobRun;

/**
 * What the site has done lately, in the parts of a period.
 *
 * The database counts by hour or day from its indexes alone, so that not one row a job is read.
 */
final class Activity
{
    public function __construct(private readonly Database $database, private readonly Clock $clock)
    {
    }

    /** Runs that ended: what they made, and what they took. */
    public function work(Period $period): Work
    {
        $zeros = array_fill(0, $period->parts(), 0);
        [$done, $failed, $seconds, $frames] = [[], $zeros, $zeros, $zeros];
        $rows = $this->counted(
            $period,
            'ended_at',
            'kind, outcome, COUNT(*) AS n, SUM(seconds) AS seconds, SUM(frames_used) AS frames',
            'job_runs',
            'kind, outcome',
        );
        foreach ($rows as [$part, $row]) {
            $seconds[$part] += (int) $row['seconds'];
            if ($row['outcome'] === JobEvents::COMPLETED) {
                $done[$row['kind']] ??= $zeros;
                $done[$row['kind']][$part] += (int) $row['n'];
                $frames[$part] += (int) $row['frames'];
            } elseif (in_array($row['outcome'], JobRun::FAILURES, true)) {
                $failed[$part] += (int) $row['n'];
            }
        }
        uasort($done, static fn (array $one, array $other): int => array_sum($other) <=> array_sum($one));

        return new Work($period->starts($this->clock->now()), $done, $failed, $seconds, $frames);
    }

    /**
     * How long jobs had waited when a worker took them. Waits of more than a minute are rounded up by a
     * sixth at most, so that few different ones are counted.
     *
     * @return list<array{median: ?int, p90: ?int, n: int}> seconds for each part; null where no job was taken
     */
    public function waits(Period $period): array
    {
        $step = 'CASE WHEN waited_seconds < 60 THEN 1 WHEN waited_seconds < 600 THEN 10 WHEN waited_seconds < 3600 THEN 60'
            . ' WHEN waited_seconds < 86400 THEN 600 ELSE 3600 END';
        $counts = array_fill(0, $period->parts(), []);
        $rows = $this->counted(
            $period,
            'claimed_at',
            "waited_seconds + ($step) - 1 - (waited_seconds + ($step) - 1) % ($step) AS waited, COUNT(*) AS n",
            'job_runs',
            'waited',
            'waited_seconds IS NOT NULL',
        );
        foreach ($rows as [$part, $row]) {
            $waited = (int) $row['waited'];
            $counts[$part][$waited] = ($counts[$part][$waited] ?? 0) + (int) $row['n'];
        }

        return array_map(static fn (array $of): array => [
            'median' => Quantiles::of($of, 0.5),
            'p90' => Quantiles::of($of, 0.9),
            'n' => array_sum($of),
        ], $counts);
    }

    /** @return array<string, list<int>> subs that stackers left out, by cause, for each part; causes that were there alone */
    public function rejected(Period $period): array
    {
        $counts = [];
        foreach ($this->counted($period, 'at', 'cause, SUM(n) AS n', 'rejected_subs', 'cause') as [$part, $row]) {
            $counts[$row['cause']] ??= array_fill(0, $period->parts(), 0);
            $counts[$row['cause']][$part] += (int) $row['n'];
        }
        uasort($counts, static fn (array $one, array $other): int => array_sum($other) <=> array_sum($one));

        return $counts;
    }

    /**
     * @param string $time column; with $columns, $table, $group and $where it is code of ours
     * @return list<array{int, array<string, mixed>}> number of the part, and the row
     */
    private function counted(Period $period, string $time, string $columns, string $table, string $group, string $where = '1 = 1'): array
    {
        $starts = $period->starts($this->clock->now());
        $width = 3600 * $period->hoursOfPart();
        $hour = "SUBSTR($time, 1, {$period->letters()})";
        $rows = $this->database->all(
            "SELECT $hour AS hour, $columns FROM $table WHERE $time >= ? AND $where GROUP BY $hour, $group",
            [Utc::stored(new \DateTimeImmutable("@{$starts[0]}"))],
        );
        $placed = $parts = [];
        foreach ($rows as $row) {
            $part = $parts[$row['hour']] ??= intdiv(self::second($row['hour'] . ($period === Period::Month ? '' : ':00')) - $starts[0], $width);
            if ($part < count($starts)) {
                $placed[] = [$part, $row];
            }
        }

        return $placed;
    }

    private static function second(string $stored): int
    {
        return (new \DateTimeImmutable($stored, new \DateTimeZone('UTC')))->getTimestamp();
    }
}
