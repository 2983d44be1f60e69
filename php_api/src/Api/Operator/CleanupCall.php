<?php

declare(strict_types=1);

namespace CrowdSky\Api\Operator;

use CrowdSky\Base\Refusal;
use CrowdSky\Cleanup\CleanupServices;
use CrowdSky\Http\Request;
use CrowdSky\Http\Response;
use CrowdSky\Kernel\App;
use CrowdSky\Workers\KeyStore;
use CrowdSky\Workers\WorkerServices;

/** api/cleanup.php: for hosts whose cron can only fetch a URL; elsewhere use bin/cleanup.php. */
final class CleanupCall
{
    /** @throws Refusal without a key that has the scope cleanup */
    public static function answer(App $app, Request $request): Response
    {
        WorkerServices::of($app)->auth()->require($request, KeyStore::SCOPE_CLEANUP);
        set_time_limit(0);
        $report = CleanupServices::of($app)->cleanup()->run(
            dryRun: $request->query('dry_run') === '1',
            isClockRight: $request->query('clock_is_right') === '1',
        );
        return Response::text($report->asText());
    }
}
