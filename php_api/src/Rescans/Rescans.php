<?php

declare(strict_types=1);

namespace CrowdSky\Rescans;

use CrowdSky\Base\Clock;
use CrowdSky\Base\Refusal;
use CrowdSky\Base\Utc;
use CrowdSky\Database\Database;
use CrowdSky\Jobs\Job;
use CrowdSky\Jobs\JobEvents;
use CrowdSky\Jobs\JobKind;
use CrowdSky\Jobs\JobServices;
use CrowdSky\Jobs\JobStatus;
use CrowdSky\Kernel\App;

/** Queues stacks to be solved and measured again, and finds their rescans. */
final class Rescans
{
    /** Number of stacks in one request. */
    public const MAX_STACKS = 500;

    /** Priority of rescans: their stacks are already safe, so new subs come first. */
    private const PRIORITY = -1;

    private function __construct(
        private readonly Database $database,
        private readonly JobEvents $events,
        private readonly Clock $clock,
        private readonly int $maxAttempts,
    ) {
    }

    public static function of(App $app): self
    {
        return new self($app->database(), JobServices::of($app)->events(), $app->clock(), $app->config()->rescanAttempts);
    }

    /**
     * Queues one job for each stack. A stack with a rescan that has not ended is skipped, so a repeated request is
     * harmless.
     *
     * @param list<int> $stackIds
     * @throws Refusal for more than MAX_STACKS
     */
    public function queue(array $stackIds, RescanRequest $wish): RescansQueued
    {
        if (count($stackIds) > self::MAX_STACKS) {
            throw Refusal::badInput('At most ' . self::MAX_STACKS . ' stacks can be rescanned at once');
        }
        // Always in rising order, so that two such transactions cannot deadlock.
        $stackIds = array_values(array_unique($stackIds));
        sort($stackIds);

        return $this->database->transaction(function () use ($stackIds, $wish): RescansQueued {
            $jobIds = [];
            $skipped = [];
            foreach ($stackIds as $stackId) {
                $reason = $this->lock($stackId, $wish->ownerId);
                if ($reason === null) {
                    $jobIds[] = $this->add($stackId, $wish);
                } else {
                    $skipped[] = ['stack_id' => $stackId, 'reason' => $reason];
                }
            }

            return new RescansQueued($jobIds, $skipped);
        });
    }

    /** @throws Refusal when there is no such rescan */
    public function get(int $jobId): Job
    {
        $row = $this->database->one('SELECT * FROM stacking_jobs WHERE id = ? AND kind = ?', [$jobId, JobKind::Rescan->value]);

        return $row === null ? throw Refusal::notFound("There is no rescan $jobId") : Job::fromRow($row);
    }

    /** Returns the last rescan of a stack, null when there was none. */
    public function latestOf(int $stackId): ?RescanState
    {
        $row = $this->database->one('SELECT * FROM stacking_jobs WHERE stack_id = ? ORDER BY id DESC LIMIT 1', [$stackId]);

        return $row === null ? null : RescanState::of(Job::fromRow($row));
    }

    /**
     * Locks the stack's row until the transaction ends, against a second rescan and against its removal.
     *
     * @return string|null why the stack cannot be rescanned now
     */
    private function lock(int $stackId, ?int $ownerId): ?string
    {
        $mine = $ownerId === null ? '' : ' AND user_id = ?';
        $found = $this->database->execute(
            "UPDATE stacked_frames SET job_id = job_id WHERE id = ?$mine",
            $ownerId === null ? [$stackId] : [$stackId, $ownerId]
        );
        if ($found === 0) {
            return 'There is no such stack.';
        }
        $live = $this->database->value(
            'SELECT id FROM stacking_jobs WHERE stack_id = ? AND status IN (?, ?, ?)',
            [$stackId, JobStatus::Pending->value, JobStatus::Retry->value, JobStatus::Processing->value]
        );

        return $live === null ? null : "Rescan $live of it has not ended yet.";
    }

    private function add(int $stackId, RescanRequest $wish): int
    {
        $row = $this->database->one(
            'SELECT s.user_id, s.chunk_key, s.chunk_key_hp, s.object_name, s.ra_deg, s.dec_deg, s.telescope, s.filter_name,
                    s.eq_mode, s.file_size_bytes AS total_bytes, j.upload_session_id, j.time_block, j.fits_exptime
               FROM stacked_frames s JOIN stacking_jobs j ON j.id = s.job_id WHERE s.id = ?',
            [$stackId]
        );
        $now = Utc::stored($this->clock->now());
        $jobId = $this->database->insert('stacking_jobs', $row + [
            'kind' => JobKind::Rescan->value,
            'stack_id' => $stackId,
            'options' => $wish->options->toJson(),
            'status' => JobStatus::Pending->value,
            'priority' => self::PRIORITY,
            'group_key' => "rescan-$stackId-" . bin2hex(random_bytes(8)),
            'frame_count' => 0,
            'max_attempts' => $this->maxAttempts,
            'created_at' => $now,
            'updated_at' => $now,
        ]);
        $this->events->record($jobId, $wish->actor, 'created', "rescan of stack $stackId");

        return $jobId;
    }
}
