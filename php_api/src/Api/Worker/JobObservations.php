<?php

declare(strict_types=1);

namespace CrowdSky\Api\Worker;

use CrowdSky\Base\Refusal;
use CrowdSky\Calibrations\CalibrationServices;
use CrowdSky\Http\FileResponse;
use CrowdSky\Http\Request;
use CrowdSky\Http\Response;
use CrowdSky\Kernel\App;

/** api/job_observations.php: sends the observations that a job calibrates. */
final class JobObservations
{
    /** @throws Refusal unless the worker has the lease of a calibration and its stacks may be used; see docs/api.md */
    public static function answer(App $app, Request $request): Response
    {
        $holder = WorkerCall::holder($app, $request);
        set_time_limit(0);
        $ordered = CalibrationServices::of($app)->ordered();
        $job = $ordered->require($request->queryId('job_id'), $holder);
        $file = $ordered->observations($job);
        return FileResponse::fromDisk($request, $file->path, $file->sha256, 'application/fits', "observations_{$job->id}.fits");
    }
}
