<?php

declare(strict_types=1);

namespace CrowdSky\Api\Worker;

use CrowdSky\Base\Refusal;
use CrowdSky\Hats\HatsServices;
use CrowdSky\Http\Request;
use CrowdSky\Http\Response;
use CrowdSky\Kernel\App;

/** api/upload_export.php: takes the files of a partition of the export, which completes their job. */
final class UploadExport
{
    /** @throws Refusal unless the worker has the lease of the job and the files are those of its partition; see docs/api.md */
    public static function answer(App $app, Request $request): Response
    {
        $holder = WorkerCall::holder($app, $request);
        set_time_limit(0);
        $sha256 = WorkerCall::announcedHash($request);
        HatsServices::of($app)->intake()->receive($request, $request->queryId('job_id'), $holder, $sha256, $app->config()->maxResultBytes);
        return Response::json(['ok' => true]);
    }
}
