<?php

declare(strict_types=1);

namespace CrowdSky\Jobs;

use CrowdSky\Http\HttpError;

/**
 * The job is not, or not any more, in the hands of the worker that asks. It should drop the job and its files.
 */
final class LeaseLost extends HttpError
{
    public function __construct(int $jobId, string $reason)
    {
        parent::__construct(409, 'lease_lost', "The lease of job $jobId does not hold: $reason");
    }
}
