<?php

declare(strict_types=1);

namespace CrowdSky\Api\Worker;

use CrowdSky\Base\Refusal;
use CrowdSky\Hips\HipsServices;
use CrowdSky\Http\Request;
use CrowdSky\Http\Response;
use CrowdSky\Kernel\App;

/** api/upload_tiles.php: takes the tiles of a region, which completes their job. */
final class UploadTiles
{
    /** @throws Refusal unless the worker has the lease of the job and the tiles are those of its region; see docs/api.md */
    public static function answer(App $app, Request $request): Response
    {
        $holder = WorkerCall::holder($app, $request);
        set_time_limit(0);
        $sha256 = WorkerCall::announcedHash($request);
        HipsServices::of($app)->intake()->receive($request, $request->queryId('job_id'), $holder, $sha256, $app->config()->maxResultBytes);
        return Response::json(['ok' => true]);
    }
}
