<?php

declare(strict_types=1);

namespace CrowdSky\Jobs;

use CrowdSky\Base\Clock;
use CrowdSky\Base\Utc;
use CrowdSky\Database\Database;

/**
 * The audit trail of every job: who did what and when.
 */
final class JobEvents
{
    /** Event of a claim; its detail is the tag of the run. */
    public const CLAIMED = 'claimed';
    /** Event of a result that is in the archive. */
    public const COMPLETED = 'completed';
    /** The same for a result that waited for a second opinion. */
    public const ACCEPTED = 'accepted';
    /** Event of a deletion by the owner or an admin. */
    public const DELETED = 'deleted';
    /** Prefix of the events of checks, so that no statistic counts them among those of jobs. */
    public const OF_CHECK = 'check ';
    public const CHECK_CLAIMED = self::OF_CHECK . self::CLAIMED;

    /** Event of a stack that was found in storage and taken into the archive. */
    public const ADOPTED = 'adopted';

    public function __construct(private readonly Database $database, private readonly Clock $clock)
    {
    }

    /** @param string $actor such as worker:barn-2, user:7 or system */
    public function record(int $jobId, string $actor, string $event, ?string $detail = null): void
    {
        $this->database->insert('job_events', [
            'job_id' => $jobId,
            'at' => Utc::stored($this->clock->now()),
            'actor' => mb_substr($actor, 0, 160),
            'event' => $event,
            'detail' => $detail,
        ]);
    }

    /** Records an event unless it is the same as the last one, for findings that recur in every run. */
    public function recordOnce(int $jobId, string $actor, string $event, string $detail): void
    {
        $last = $this->database->value('SELECT event FROM job_events WHERE job_id = ? ORDER BY id DESC LIMIT 1', [$jobId]);
        if ($last !== $event) {
            $this->record($jobId, $actor, $event, $detail);
        }
    }

    /** @return list<array{at: string, actor: string, event: string, detail: ?string}> oldest first */
    public function ofJob(int $jobId): array
    {
        return $this->database->all('SELECT at, actor, event, detail FROM job_events WHERE job_id = ? ORDER BY id', [$jobId]);
    }
}
