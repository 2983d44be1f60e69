<?php

declare(strict_types=1);

namespace CrowdSky\Api\Worker;

use CrowdSky\Base\Refusal;
use CrowdSky\Http\Request;
use CrowdSky\Http\Response;
use CrowdSky\Kernel\App;
use CrowdSky\Queue\QueueServices;

/** api/fail_job.php: ends a run as failed. */
final class FailJob
{
    /** @throws Refusal unless the worker has the lease of the job, or repeats its report; see docs/api.md */
    public static function answer(App $app, Request $request): Response
    {
        $report = JobReport::of($app, $request);
        $status = QueueServices::of($app)->outcomes()->fail(
            $report->jobId,
            $report->holder,
            $report->body->optionalMessage('error_message', 2000) ?? 'Unknown error',
            $report->body->optionalBool('retryable') ?? true,
            $report->body->optionalMessage('stage', 40),
        );
        return Response::json(['ok' => true, 'status' => $status->value]);
    }
}
