<?php

declare(strict_types=1);

namespace CrowdSky\Api\Worker;

use CrowdSky\Base\Refusal;
use CrowdSky\Completion\CompletionServices;
use CrowdSky\Http\Request;
use CrowdSky\Http\Response;
use CrowdSky\Kernel\App;

/** api/upload_result.php: stores a result for a worker that has no access to the storage. */
final class UploadResult
{
    /** @throws Refusal unless the worker has the lease of the job and the bytes are as announced; see docs/api.md */
    public static function answer(App $app, Request $request): Response
    {
        $holder = WorkerCall::holder($app, $request);
        set_time_limit(0);
        $jobId = $request->queryId('job_id');
        $stored = CompletionServices::of($app)->upload()->receive($request, $jobId, $holder, (string) $request->query('kind'));
        return Response::json(['ok' => true] + $stored);
    }
}
