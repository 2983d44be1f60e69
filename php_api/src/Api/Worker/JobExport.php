<?php

declare(strict_types=1);

namespace CrowdSky\Api\Worker;

use CrowdSky\Base\Refusal;
use CrowdSky\Hats\HatsCell;
use CrowdSky\Hats\HatsServices;
use CrowdSky\Http\FileResponse;
use CrowdSky\Http\Request;
use CrowdSky\Http\Response;
use CrowdSky\Jobs\JobKind;
use CrowdSky\Kernel\App;
use CrowdSky\Queue\QueueServices;

/** api/job_export.php: sends the rows of which a partition of the export is made, as they are now. */
final class JobExport
{
    /** @throws Refusal unless the worker has the lease of such a job and there still are rows; see docs/api.md */
    public static function answer(App $app, Request $request): Response
    {
        $holder = WorkerCall::holder($app, $request);
        $leases = QueueServices::of($app)->leases();
        $job = $leases->require($request->queryId('job_id'), $holder);
        $leases->touch($job);
        if ($job->kind !== JobKind::Hats) {
            throw Refusal::notFound("Job {$job->id} makes no partition of the export");
        }
        set_time_limit(0);
        $services = HatsServices::of($app);
        $cell = HatsCell::ofJob($job);
        $fingerprint = $services->plan()->fingerprintOf($cell)
            ?? throw Refusal::unusable('Nothing public is left in this partition; report the job as failed', 'outdated');
        $write = static fn (mixed $stream) => $services->cellFile()->write($cell, $fingerprint, $stream);
        $file = $app->spool()->create($write, $job->totalBytes);
        $handle = fopen($file->path, 'rb');
        // The bytes are there until the file is closed.
        $file->discard();
        if ($handle === false) {
            throw FileResponse::gone();
        }
        return FileResponse::fromHandle($request, $handle, $file->sha256, 'application/fits', "{$cell->key()}.fits");
    }
}
