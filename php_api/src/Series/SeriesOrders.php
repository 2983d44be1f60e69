<?php

declare(strict_types=1);

namespace CrowdSky\Series;

use CrowdSky\Base\Clock;
use CrowdSky\Base\Refusal;
use CrowdSky\Base\Utc;
use CrowdSky\Database\Database;
use CrowdSky\Jobs\Job;
use CrowdSky\Jobs\JobEvents;
use CrowdSky\Jobs\JobKind;
use CrowdSky\Jobs\JobStatus;
use CrowdSky\Jobs\JobStore;
use CrowdSky\Raws\RawFrames;
use CrowdSky\Stacks\Stack;
use CrowdSky\Storage\ObjectStorage;

/** Queues series of stacks whose raw frames are still there. */
final class SeriesOrders
{
    /** Below stacks: their own result is not safe yet. */
    private const PRIORITY = -1;

    /** Columns that the job takes over from that of the stack. */
    private const COPIED = [
        'user_id', 'upload_session_id', 'chunk_key', 'chunk_key_hp', 'time_block', 'object_name', 'frame_count',
        'total_bytes', 'ra_deg', 'dec_deg', 'telescope', 'filter_name', 'fits_exptime', 'eq_mode', 'header_clock', 'max_attempts',
    ];

    public function __construct(
        private readonly Database $database,
        private readonly JobStore $jobs,
        private readonly JobEvents $events,
        private readonly RawFrames $raws,
        private readonly SeriesStore $series,
        private readonly ObjectStorage $storage,
        private readonly Clock $clock,
        private readonly int $rawGraceHours,
    ) {
    }

    /**
     * @return int id of the job
     * @throws Refusal when the raw frames are gone, and when the series is there or has been ordered
     */
    public function order(Stack $stack, SeriesOrder $order, string $actor): int
    {
        $this->requireNew($this->series->find($stack->id, $order->seconds));
        return $this->database->transaction(function () use ($stack, $order, $actor): int {
            // Written first: cleanup writes this row too before it deletes the frames, and so does a second order.
            $this->database->execute('UPDATE stacking_jobs SET status = status WHERE id = ?', [$stack->jobId]);
            $this->requireNew($this->series->find($stack->id, $order->seconds));
            $problem = $this->problem($this->jobs->get($stack->jobId));
            if ($problem !== null) {
                throw Refusal::conflict($problem);
            }
            return $this->add($stack, $order, $actor);
        });
    }

    /** Returns why no series of a stack can be ordered; null when one can. */
    public function problem(Job $job): ?string
    {
        return match (true) {
            $job->kind !== JobKind::Stack => 'A series is made of subs, and this stack was uploaded finished.',
            $job->status !== JobStatus::Completed => 'A series can be ordered when the job of the stack is completed.',
            !$this->raws->areAllThere($job->id, $job->frameCount)
                => 'A series is made of the subs of the stack, and they have been deleted. Upload them again for a series of them.',
            default => null,
        };
    }

    /** Returns until when one can be ordered, unless others need the subs for longer; stored form. */
    public function orderableUntil(Job $job): ?string
    {
        return $job->completedAt === null ? null
            : Utc::storedBefore(new \DateTimeImmutable($job->completedAt, new \DateTimeZone('UTC')), -3600 * $this->rawGraceHours);
    }

    private function requireNew(?Series $known): void
    {
        if ($known === null) {
            return;
        }
        if (!$known->status->isFinished()) {
            throw Refusal::conflict("Job {$known->jobId} makes this series already.");
        }
        if ($known->isThere() && $this->storage->size((string) $known->path) === $known->bytes) {
            throw Refusal::conflict("There is a series of {$known->seconds} s of this stack already.");
        }
    }

    private function add(Stack $stack, SeriesOrder $order, string $actor): int
    {
        $row = $this->database->one('SELECT * FROM stacking_jobs WHERE id = ?', [$stack->jobId]) ?? throw Refusal::notFound("There is no job {$stack->jobId}");
        $now = Utc::stored($this->clock->now());
        $jobId = $this->database->insert('stacking_jobs', array_intersect_key($row, array_flip(self::COPIED)) + [
            'kind' => JobKind::Series->value,
            'frames_job_id' => $stack->jobId,
            'options' => $order->toJson(),
            'priority' => self::PRIORITY,
            'group_key' => 'series-' . bin2hex(random_bytes(16)),
            'status' => JobStatus::Pending->value,
            'created_at' => $now,
            'updated_at' => $now,
        ]);
        $this->series->order($order, $jobId, $now);
        $this->events->record($jobId, $actor, 'created', "series of {$order->seconds} s of stack {$stack->id}");
        return $jobId;
    }
}
