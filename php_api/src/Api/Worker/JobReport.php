<?php

declare(strict_types=1);

namespace CrowdSky\Api\Worker;

use CrowdSky\Base\Refusal;
use CrowdSky\Http\JsonBody;
use CrowdSky\Http\Request;
use CrowdSky\Jobs\LeaseHolder;
use CrowdSky\Kernel\App;

/** What a worker reports about a job, as far as all reports are alike. */
final class JobReport
{
    private function __construct(
        public readonly int $jobId,
        public readonly LeaseHolder $holder,
        public readonly JsonBody $body,
    ) {
    }

    /** @throws Refusal without a valid worker key, or for a body that names no job */
    public static function of(App $app, Request $request): self
    {
        $key = WorkerCall::key($app, $request);
        $body = $request->body()->json();
        $token = $body->optionalText('lease_token', 64) ?? $request->header('X-Lease-Token');
        return new self($body->id('job_id'), LeaseHolder::with($key, $token), $body);
    }
}
