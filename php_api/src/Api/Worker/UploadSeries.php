<?php

declare(strict_types=1);

namespace CrowdSky\Api\Worker;

use CrowdSky\Base\Refusal;
use CrowdSky\Http\Request;
use CrowdSky\Http\Response;
use CrowdSky\Kernel\App;
use CrowdSky\Series\SeriesServices;

/** api/upload_series.php: takes a series of shorter stacks, which completes its job. */
final class UploadSeries
{
    /** @throws Refusal unless the worker has the lease of the job and the file is its series; see docs/api.md */
    public static function answer(App $app, Request $request): Response
    {
        $holder = WorkerCall::holder($app, $request);
        set_time_limit(0);
        $sha256 = strtolower((string) $request->header('X-SHA256'));
        if (preg_match('/^[0-9a-f]{64}$/D', $sha256) !== 1) {
            throw Refusal::badInput('The header X-SHA256 must carry the SHA-256 of the body as 64 hex digits');
        }
        $services = SeriesServices::of($app);
        $jobId = $request->queryId('job_id');
        $services->intake()->receive($request, $jobId, $holder, $sha256, $app->config()->maxResultBytes);
        $series = $services->store()->ofJob($jobId);
        if ($series !== null) {
            $services->stars()->trySeries($series);
        }
        return Response::json(['ok' => true]);
    }
}
