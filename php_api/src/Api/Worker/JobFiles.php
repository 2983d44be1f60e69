<?php

declare(strict_types=1);

namespace CrowdSky\Api\Worker;

use CrowdSky\Base\Refusal;
use CrowdSky\Http\Request;
use CrowdSky\Http\Response;
use CrowdSky\Kernel\App;
use CrowdSky\Queue\QueueServices;
use CrowdSky\Raws\RawFrame;
use CrowdSky\Raws\RawServices;

/** api/job_files.php: lists the raw frames of a leased job. */
final class JobFiles
{
    /** @throws Refusal unless the worker has the lease of the job; see docs/api.md */
    public static function answer(App $app, Request $request): Response
    {
        $holder = WorkerCall::holder($app, $request);
        $leases = QueueServices::of($app)->leases();
        $job = $leases->require($request->queryId('job_id'), $holder);
        $leases->touch($job);
        // A copy without position is read once for its hash when it is first listed.
        set_time_limit(0);
        $raws = RawServices::of($app);
        $copies = $raws->copies();
        $files = array_map(
            static fn (RawFrame $frame): array => $copies->describe($frame, $holder->level),
            $raws->frames()->ofJob($job->framesJobId()),
        );
        return Response::json(['job_id' => $job->id, 'chunk_key' => $job->chunkKey, 'files' => $files]);
    }
}
