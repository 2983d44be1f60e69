<?php

declare(strict_types=1);

namespace CrowdSky\Api\Worker;

use CrowdSky\Base\Refusal;
use CrowdSky\Http\Request;
use CrowdSky\Http\Response;
use CrowdSky\Kernel\App;
use CrowdSky\Queue\QueueServices;

/** api/heartbeat.php: renews a lease and records what the worker is doing. */
final class Heartbeat
{
    /** @throws Refusal unless the worker has the lease of the job; see docs/api.md */
    public static function answer(App $app, Request $request): Response
    {
        $report = JobReport::of($app, $request);
        $goesOn = QueueServices::of($app)->leases()->heartbeat(
            $report->jobId,
            $report->holder,
            $report->body->optionalMessage('stage', 40),
            $report->body->optionalFloat('progress', 0.0, 1.0),
            $report->body->optionalMessage('message', 500),
        );
        return Response::json([
            'ok' => true,
            'action' => $goesOn ? 'continue' : 'cancel',
            'lease_seconds' => $app->config()->leaseSeconds,
        ]);
    }
}
