<?php

declare(strict_types=1);

namespace CrowdSky\Api\Worker;

use CrowdSky\Base\Refusal;
use CrowdSky\Http\Request;
use CrowdSky\Http\Response;
use CrowdSky\Kernel\App;
use CrowdSky\Queue\QueueServices;

/** api/release_job.php: hands a job back to the queue without counting the run. */
final class ReleaseJob
{
    /** @throws Refusal unless the worker has the lease of the job, or repeats its report; see docs/api.md */
    public static function answer(App $app, Request $request): Response
    {
        $report = JobReport::of($app, $request);
        $reason = $report->body->optionalMessage('reason', 500) ?? 'no reason given';
        $status = QueueServices::of($app)->outcomes()->release($report->jobId, $report->holder, $reason);
        return Response::json(['ok' => true, 'status' => $status->value]);
    }
}
