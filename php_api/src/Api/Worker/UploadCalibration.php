<?php

declare(strict_types=1);

namespace CrowdSky\Api\Worker;

use CrowdSky\Base\Refusal;
use CrowdSky\Calibrations\CalibrationServices;
use CrowdSky\Http\Request;
use CrowdSky\Http\Response;
use CrowdSky\Kernel\App;

/** api/upload_calibration.php: takes the calibration of a field, which completes its job. */
final class UploadCalibration
{
    /** @throws Refusal unless the worker has the lease of the job and the calibration is that of its order; see docs/api.md */
    public static function answer(App $app, Request $request): Response
    {
        $holder = WorkerCall::holder($app, $request);
        set_time_limit(0);
        $sha256 = WorkerCall::announcedHash($request);
        CalibrationServices::of($app)->intake()->receive($request, $request->queryId('job_id'), $holder, $sha256, $app->config()->maxResultBytes);
        return Response::json(['ok' => true]);
    }
}
