<?php

declare(strict_types=1);

namespace CrowdSky\Api\Worker;

use CrowdSky\Base\Refusal;
use CrowdSky\Completion\CompletionServices;
use CrowdSky\Http\Request;
use CrowdSky\Http\Response;
use CrowdSky\Kernel\App;
use CrowdSky\Results\CompletionReport;
use CrowdSky\Stars\StarServices;

/** api/complete_job.php: takes a stored result into the archive. */
final class CompleteJob
{
    /** @throws Refusal unless the worker has or had the lease and the result is as reported; see docs/api.md */
    public static function answer(App $app, Request $request): Response
    {
        $report = JobReport::of($app, $request);
        // The whole stack is read back, possibly from remote storage.
        set_time_limit(0);
        $completion = CompletionServices::of($app)->completion();
        $settlement = $completion->complete($report->jobId, $report->holder, CompletionReport::fromJson($report->body));
        if ($settlement->stackId !== null) {
            StarServices::of($app)->intake()->tryStack($settlement->stackId);
        }
        return Response::json($settlement->toJson());
    }
}
