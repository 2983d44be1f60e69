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
        $now = Utc::stored($this->clock->now());
        $jobId = $this->insert($stack->jobId, $order, ['status' => JobStatus::Pending->value, 'created_at' => $now, 'updated_at' => $now]);
        $this->series->order($order, $jobId, $now);
        $this->events->record($jobId, $actor, 'created', "series of {$order->seconds} s of stack {$stack->id}");
        return $jobId;
    }

    /**
     * Writes the rows of a series that lies in storage and whose rows were lost; call it inside a transaction.
     *
     * @param int|null $number of its job; null for a new one
     * @param array{path: string, sha256: string, file_size_bytes: int, n_parts: int} $file
     * @param string $madeAt stored time
     * @return int number of its job
     * @throws \CrowdSky\Database\DuplicateKey when there is such a series or job by now
     */
    public function addFound(int $stackJobId, SeriesOrder $order, ?int $number, array $file, string $madeAt): int
    {
        $jobId = $this->insert($stackJobId, $order, ($number === null ? [] : ['id' => $number]) + [
            'status' => JobStatus::Completed->value,
            'stage' => 'done',
            'progress' => 1.0,
            'last_outcome' => 'complete',
            'created_at' => $madeAt,
            'completed_at' => $madeAt,
            'updated_at' => Utc::stored($this->clock->now()),
        ]);
        $row = ['stack_id' => $order->stackId, 'seconds' => $order->seconds, 'job_id' => $jobId, 'created_at' => $madeAt, 'completed_at' => $madeAt];
        $this->database->insert('series', $row + $file);
        $this->events->record($jobId, 'system', JobEvents::ADOPTED, $file['path']);
        return $jobId;
    }

    /** @param array<string, mixed> $columns of the job that do not follow from that of the stack */
    private function insert(int $stackJobId, SeriesOrder $order, array $columns): int
    {
        $row = $this->database->one('SELECT * FROM stacking_jobs WHERE id = ?', [$stackJobId]) ?? throw Refusal::notFound("There is no job $stackJobId");
        $id = $this->database->insert('stacking_jobs', $columns + array_intersect_key($row, array_flip(self::COPIED)) + [
            'kind' => JobKind::Series->value,
            'frames_job_id' => $stackJobId,
            'options' => $order->toJson(),
            'priority' => self::PRIORITY,
            'group_key' => 'series-' . bin2hex(random_bytes(16)),
        ]);
        return $columns['id'] ?? $id;
    }
}
