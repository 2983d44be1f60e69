<?php

declare(strict_types=1);

namespace CrowdSky\Jobs;

use CrowdSky\Base\Refusal;
use CrowdSky\Base\RefusalKind;

/**
 * The calling worker does not, or no longer, hold the job. It should drop the job and its files.
 */
final class LeaseLost extends Refusal
{
    public function __construct(int $jobId, string $reason)
    {
        parent::__construct(RefusalKind::Conflict, 'lease_lost', "The lease of job $jobId does not hold: $reason");
    }
}
