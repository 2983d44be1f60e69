<?php

declare(strict_types=1);

namespace CrowdSky\Jobs;

/**
 * The states of a job and the moves between them; both lists exist only here.
 */
enum JobStatus: string
{
    /** Waiting for its first run, or handed back without counting a run. */
    case Pending = 'pending';
    /** A worker holds the lease. */
    case Processing = 'processing';
    /** A run failed or its worker fell silent; another run follows after not_before. */
    case Retry = 'retry';
    /** The stack is archived and verified. */
    case Completed = 'completed';
    /** No further run unless somebody requeues it; raws are kept for a while. */
    case Failed = 'failed';
    /** Stopped by its owner or an admin. */
    case Cancelled = 'cancelled';

    public function canMoveTo(self $next): bool
    {
        return in_array($next, match ($this) {
            // An admin may accept a result that was held; no worker can complete a job without its lease.
            self::Pending => [self::Processing, self::Completed, self::Cancelled],
            self::Processing => [self::Pending, self::Retry, self::Completed, self::Failed, self::Cancelled],
            self::Retry => [self::Processing, self::Pending, self::Completed, self::Cancelled],
            self::Failed => [self::Pending, self::Completed, self::Cancelled],
            // A stack that was to be replaced stays as it is when that is undone.
            self::Cancelled => [self::Pending, self::Completed],
            // Not final when its stack is found damaged, or when the light of it went into another one.
            self::Completed => [self::Pending, self::Cancelled],
        }, true);
    }

    /** Whether no worker will touch the job unless somebody requeues it. */
    public function isFinished(): bool
    {
        return in_array($this, [self::Completed, self::Failed, self::Cancelled], true);
    }
}
