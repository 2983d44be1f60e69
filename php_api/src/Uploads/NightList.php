<?php

declare(strict_types=1);

namespace CrowdSky\Uploads;

use CrowdSky\Accounts\User;
use CrowdSky\Database\Database;
use CrowdSky\Jobs\Job;
use CrowdSky\Jobs\JobKind;

/**
 * The nights of an owner, the latest first: found from night to night by the index over owner and block of time, so that a
 * page costs the same however many there are.
 */
final class NightList
{
    /** Jobs after which a page takes no further night. */
    private const ENOUGH_JOBS = 60;
    private const MOST_NIGHTS = 14;
    /** Jobs whose hours tell where the night is. */
    private const HOURS_OF = 400;
    /** What all queries choose from: blocks as of subs, without the copies of jobs that rescans and series are. */
    private const CHOSEN = "stacking_jobs WHERE user_id = ? AND kind IN ('" . JobKind::Stack->value . "', '" . JobKind::Uploaded->value . "')";
    private const AFTER_ALL = '99991231';

    public function __construct(private readonly Database $database, private readonly int $blockMinutes)
    {
    }

    /**
     * @param string|null $until `YYYYMMDD` of the evening of the latest night wanted; null for all
     * @return array{list<Night>, ?string} and the date from which the earlier ones go on; null when there are none
     */
    public function page(User $user, ?string $until): array
    {
        $clock = $this->clockOf($user);
        $end = $clock->firstBlock($until === null ? self::AFTER_ALL : NightClock::dayAfter($until));
        $nights = [];
        $count = 0;
        while (($latest = $this->latestBefore($user, $end)) !== null) {
            $date = $clock->nightOf($latest);
            if ($count >= self::ENOUGH_JOBS || count($nights) === self::MOST_NIGHTS) {
                return [$nights, $date];
            }
            $start = $clock->firstBlock($date);
            $nights[] = new Night($date, $this->jobs($user, $start, $end));
            $count += count(end($nights)->jobs);
            $end = $start;
        }

        return [$nights, null];
    }

    /**
     * What is left of the raw subs of jobs, and when it goes.
     *
     * @param list<Job> $jobs
     * @return array<int, array{stored: int, due: ?string}> by job id: how many are stored, never 0, and when the first may be deleted
     */
    public function raws(array $jobs): array
    {
        if ($jobs === []) {
            return [];
        }
        $marks = implode(', ', array_fill(0, count($jobs), '?'));
        $rows = $this->database->all(
            "SELECT job_id, SUM(CASE WHEN deleted_at IS NULL THEN 1 ELSE 0 END) AS stored,
                    MIN(CASE WHEN deleted_at IS NULL THEN delete_due_at END) AS due
               FROM raw_files WHERE job_id IN ($marks) GROUP BY job_id",
            array_map(static fn (Job $job): int => $job->id, $jobs)
        );
        $raws = [];
        foreach (array_filter($rows, static fn (array $row): bool => (int) $row['stored'] > 0) as $row) {
            $raws[(int) $row['job_id']] = ['stored' => (int) $row['stored'], 'due' => $row['due']];
        }

        return $raws;
    }

    private function clockOf(User $user): NightClock
    {
        $rows = $this->database->all(
            'SELECT time_block FROM ' . self::CHOSEN . " AND time_block > '' ORDER BY time_block DESC LIMIT " . self::HOURS_OF,
            [$user->id]
        );

        return NightClock::of(array_column($rows, 'time_block'), $this->blockMinutes);
    }

    private function latestBefore(User $user, string $block): ?string
    {
        $found = $this->database->value(
            'SELECT time_block FROM ' . self::CHOSEN . " AND time_block < ? AND time_block > '' ORDER BY time_block DESC LIMIT 1",
            [$user->id, $block]
        );

        return $found === null ? null : (string) $found;
    }

    /** @return list<Job> */
    private function jobs(User $user, string $start, string $end): array
    {
        return array_map(Job::fromRow(...), $this->database->all(
            'SELECT * FROM ' . self::CHOSEN . ' AND time_block >= ? AND time_block < ? ORDER BY time_block, id',
            [$user->id, $start, $end]
        ));
    }
}
