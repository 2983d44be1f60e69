<?php

declare(strict_types=1);

namespace CrowdSky\Api\Worker;

use CrowdSky\Base\Refusal;
use CrowdSky\Http\Request;
use CrowdSky\Http\Response;
use CrowdSky\Kernel\App;
use CrowdSky\Queue\QueueServices;
use CrowdSky\Raws\RawServices;

/** api/download_raw.php: sends a raw frame of a leased job. */
final class DownloadRaw
{
    /** @throws Refusal unless the worker has the lease of the frame's job; see docs/api.md */
    public static function answer(App $app, Request $request): Response
    {
        $holder = WorkerCall::holder($app, $request);
        $raws = RawServices::of($app);
        $leases = QueueServices::of($app)->leases();
        $frame = $raws->frames()->get($request->queryId('file_id'));
        $leases->touch($leases->requireForFrame($frame, $holder));
        return $raws->copies()->serve($request, $frame, $holder->level);
    }
}
