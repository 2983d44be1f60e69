<?php

declare(strict_types=1);

namespace CrowdSky\Api\Worker;

use CrowdSky\Base\Refusal;
use CrowdSky\Hips\HipsOrder;
use CrowdSky\Http\FileResponse;
use CrowdSky\Http\Request;
use CrowdSky\Http\Response;
use CrowdSky\Jobs\Job;
use CrowdSky\Jobs\JobKind;
use CrowdSky\Kernel\App;
use CrowdSky\Queue\QueueServices;
use CrowdSky\Results\ResultServices;
use CrowdSky\Sky\Viewer;
use CrowdSky\Sky\VisibleStacks;
use CrowdSky\Stacks\PublicCopies;

/**
 * api/job_stack.php: sends the stack that a rescan works on, as it is in storage, or the public copy of one of those that
 * tiles are made of.
 */
final class JobStack
{
    /** @throws Refusal unless the worker has the lease of a rescan and the stack is there; see docs/api.md */
    public static function answer(App $app, Request $request): Response
    {
        $holder = WorkerCall::holder($app, $request);
        $leases = QueueServices::of($app)->leases();
        $job = $leases->require($request->queryId('job_id'), $holder);
        $leases->touch($job);
        if ($job->kind === JobKind::Hips) {
            return self::publicCopy($app, $request, $job);
        }
        $stack = $job->kind === JobKind::Rescan ? ResultServices::of($app)->register()->of($job) : null;
        if ($stack === null) {
            throw Refusal::notFound("Job {$job->id} works on no stack; its frames are in job_files");
        }
        $storage = $app->storage();
        $path = $stack['ucloud_path'];
        $size = (int) $stack['file_size_bytes'];
        if ($storage->size($path) !== $size) {
            throw Refusal::unusable('The stack is missing from storage or damaged there; report the job as failed', 'not_stored');
        }
        $print = static function (int $offset, int $length) use ($storage, $path): void {
            $storage->read($path, self::send(...), $offset, $length);
        };
        return FileResponse::streamed($request, $size, $stack['sha256'], 'application/fits', basename($path), $print);
    }

    /** @throws Refusal for a stack that the job does not name, or that is not public any more */
    private static function publicCopy(App $app, Request $request, Job $job): Response
    {
        $id = $request->queryId('stack_id');
        $wanted = HipsOrder::ofJob($job)->stack($id) ?? throw Refusal::notFound("Job {$job->id} needs no stack $id");
        $copy = PublicCopies::of($app)->copyOf(VisibleStacks::of($app)->get($id, Viewer::public()));
        $print = static fn (int $offset, int $length) => $copy->read($offset, $length, self::send(...));
        return FileResponse::streamed($request, $copy->size(), $wanted['sha256'], 'application/fits', "stack_$id.fits", $print);
    }

    private static function send(string $piece): void
    {
        echo $piece;
        flush();
    }
}
