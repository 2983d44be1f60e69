<?php

declare(strict_types=1);

namespace CrowdSky\Api\Worker;

use CrowdSky\Base\Refusal;
use CrowdSky\Completion\CompletionServices;
use CrowdSky\Completion\JobCompletion;
use CrowdSky\Completion\ResultUpload;
use CrowdSky\Http\FileResponse;
use CrowdSky\Http\HttpError;
use CrowdSky\Http\JsonBody;
use CrowdSky\Http\Request;
use CrowdSky\Http\Response;
use CrowdSky\Jobs\Claimant;
use CrowdSky\Jobs\Job;
use CrowdSky\Jobs\JobKind;
use CrowdSky\Jobs\LeaseHolder;
use CrowdSky\Kernel\App;
use CrowdSky\Queue\JobOutcomes;
use CrowdSky\Queue\JobQueue;
use CrowdSky\Queue\Lease;
use CrowdSky\Queue\LeaseKeeper;
use CrowdSky\Queue\QueueServices;
use CrowdSky\Raws\FrameCopies;
use CrowdSky\Raws\RawFrame;
use CrowdSky\Raws\RawFrames;
use CrowdSky\Raws\RawServices;
use CrowdSky\Results\CompletionReport;
use CrowdSky\Results\ResultServices;
use CrowdSky\Results\StackRegister;
use CrowdSky\Storage\ObjectStorage;
use CrowdSky\Workers\KeyStore;
use CrowdSky\Workers\KeyTrust;
use CrowdSky\Workers\WorkerAuth;
use CrowdSky\Workers\WorkerRegistry;
use CrowdSky\Workers\WorkerServices;

/**
 * The worker API over HTTP: checks who is asking and for what, and answers in the format of the contract.
 */
final class WorkerApi
{
    private function __construct(
        private readonly WorkerAuth $auth,
        private readonly WorkerRegistry $workers,
        private readonly JobQueue $queue,
        private readonly LeaseKeeper $leases,
        private readonly RawFrames $raws,
        private readonly FrameCopies $copies,
        private readonly JobOutcomes $outcomes,
        private readonly JobCompletion $completion,
        private readonly ResultUpload $upload,
        private readonly StackRegister $register,
        private readonly ObjectStorage $storage,
        private readonly int $leaseSeconds,
    ) {
    }

    public static function of(App $app): self
    {
        $workers = WorkerServices::of($app);
        $queue = QueueServices::of($app);
        $raws = RawServices::of($app);
        $completion = CompletionServices::of($app);
        return new self(
            $workers->auth(),
            $workers->registry(),
            $queue->queue(),
            $queue->leases(),
            $raws->frames(),
            $raws->copies(),
            $queue->outcomes(),
            $completion->completion(),
            $completion->upload(),
            ResultServices::of($app)->register(),
            $app->storage(),
            $app->config()->leaseSeconds,
        );
    }

    public function nextJob(Request $request): Response
    {
        if ($request->method() === 'HEAD') {
            // A request for the headers alone must not claim a job.
            throw HttpError::methodNotAllowed(['GET']);
        }
        $key = $this->auth->require($request, KeyStore::SCOPE_JOBS);
        $name = self::label($request->query('worker_id'), 64) ?? 'default';
        $claimId = $request->query('claim_id');
        if ($claimId !== null && preg_match('/^[A-Za-z0-9_-]{8,64}$/D', $claimId) !== 1) {
            throw Refusal::badInput("'claim_id' must be 8 to 64 letters, digits, - or _, new for every claim");
        }
        $kinds = JobKind::listed($request->query('kinds'));
        $this->workers->seen($key->id, $name, self::label($request->query('version'), 64));
        KeyTrust::requireGood($key);
        $lease = $this->queue->claim(Claimant::with($key, $name, $kinds), $claimId);
        return $lease === null ? Response::noContent() : Response::json($this->leaseAsJson($lease));
    }

    public function jobFiles(Request $request): Response
    {
        $holder = $this->holder($request);
        $job = $this->leases->require($request->queryId('job_id'), $holder);
        $this->leases->touch($job);
        // A copy without position is read once for its hash when it is first listed.
        set_time_limit(0);
        $files = array_map(fn (RawFrame $frame): array => $this->copies->describe($frame, $holder->level), $this->raws->ofJob($job->framesJobId()));
        return Response::json(['job_id' => $job->id, 'chunk_key' => $job->chunkKey, 'files' => $files]);
    }

    public function downloadRaw(Request $request): Response
    {
        $holder = $this->holder($request);
        $frame = $this->raws->get($request->queryId('file_id'));
        $this->leases->touch($this->leases->requireForFrame($frame, $holder));
        return $this->copies->serve($request, $frame, $holder->level);
    }

    /** Sends the stack that a rescan works on, as it is in storage. */
    public function jobStack(Request $request): Response
    {
        $holder = $this->holder($request);
        $job = $this->leases->require($request->queryId('job_id'), $holder);
        $this->leases->touch($job);
        $stack = $job->kind === JobKind::Rescan ? $this->register->of($job) : null;
        if ($stack === null) {
            throw Refusal::notFound("Job {$job->id} works on no stack; its frames are in job_files");
        }
        $path = $stack['ucloud_path'];
        if ($this->storage->size($path) !== (int) $stack['file_size_bytes']) {
            throw Refusal::unusable('The stack is missing from storage or damaged there; report the job as failed', 'not_stored');
        }
        $print = function (int $offset, int $length) use ($path): void {
            $this->storage->read($path, self::send(...), $offset, $length);
        };
        return FileResponse::streamed($request, (int) $stack['file_size_bytes'], $stack['sha256'], 'application/fits', basename($path), $print);
    }

    public function heartbeat(Request $request): Response
    {
        [$jobId, $holder, $body] = $this->report($request);
        $goesOn = $this->leases->heartbeat(
            $jobId,
            $holder,
            $body->optionalMessage('stage', 40),
            $body->optionalFloat('progress', 0.0, 1.0),
            $body->optionalMessage('message', 500),
        );
        return Response::json(['ok' => true, 'action' => $goesOn ? 'continue' : 'cancel', 'lease_seconds' => $this->leaseSeconds]);
    }

    public function complete(Request $request): Response
    {
        [$jobId, $holder, $body] = $this->report($request);
        // The whole stack is read back, possibly from remote storage.
        set_time_limit(0);
        return Response::json($this->completion->complete($jobId, $holder, CompletionReport::fromJson($body))->toJson());
    }

    public function fail(Request $request): Response
    {
        [$jobId, $holder, $body] = $this->report($request);
        $reason = $body->optionalMessage('error_message', 2000) ?? 'Unknown error';
        $retryable = $body->optionalBool('retryable') ?? true;
        $status = $this->outcomes->fail($jobId, $holder, $reason, $retryable, $body->optionalMessage('stage', 40));
        return Response::json(['ok' => true, 'status' => $status->value]);
    }

    public function release(Request $request): Response
    {
        [$jobId, $holder, $body] = $this->report($request);
        $status = $this->outcomes->release($jobId, $holder, $body->optionalMessage('reason', 500) ?? 'no reason given');
        return Response::json(['ok' => true, 'status' => $status->value]);
    }

    public function uploadResult(Request $request): Response
    {
        $holder = $this->holder($request);
        set_time_limit(0);
        $stored = $this->upload->receive($request, $request->queryId('job_id'), $holder, (string) $request->query('kind'));
        return Response::json(['ok' => true] + $stored);
    }

    /** @return array{int, LeaseHolder, JsonBody} what every report about a job begins with */
    private function report(Request $request): array
    {
        $key = $this->auth->require($request, KeyStore::SCOPE_JOBS);
        $body = $request->json();
        $token = $body->optionalText('lease_token', 64) ?? $request->header('X-Lease-Token');
        return [$body->id('job_id'), LeaseHolder::with($key, $token), $body];
    }

    private function holder(Request $request): LeaseHolder
    {
        $key = $this->auth->require($request, KeyStore::SCOPE_JOBS);
        return LeaseHolder::with($key, $request->header('X-Lease-Token'));
    }

    /** @return array<string, mixed> */
    private function leaseAsJson(Lease $lease): array
    {
        $job = $lease->job;
        return [
            'job_id' => $job->id,
            'kind' => $job->kind->wire(),
            'user_id' => $job->userId,
            'upload_session_id' => $job->uploadSessionId,
            'chunk_key' => $job->chunkKey,
            'chunk_key_hp' => $job->chunkKeyHp,
            'object_name' => $job->objectName,
            'frame_count' => $job->frameCount,
            'total_bytes' => $job->totalBytes,
            'session_ucloud_path' => null,
            'lease_token' => $lease->token,
            'lease_seconds' => $this->leaseSeconds,
            'heartbeat_seconds' => max(1, intdiv($this->leaseSeconds, 3)),
            'attempt' => $job->attempts,
            'max_attempts' => $job->maxAttempts,
            'attempt_tag' => $job->attemptTag(),
            'stack' => $job->kind === JobKind::Rescan ? $this->stackAsJson($job) : null,
            'options' => $job->options,
            'may_tell_position' => $this->raws->ownerTellsPosition($job->userId),
        ];
    }

    /** @return array<string, mixed>|null */
    private function stackAsJson(Job $job): ?array
    {
        $stack = $this->register->of($job);
        return $stack === null ? null : [
            'stack_id' => (int) $stack['id'],
            'file_size_bytes' => (int) $stack['file_size_bytes'],
            'sha256' => $stack['sha256'],
        ];
    }

    private static function send(string $piece): void
    {
        echo $piece;
        flush();
    }

    /** A name from outside, cleaned up for display; null if nothing is left of it. */
    private static function label(?string $value, int $length): ?string
    {
        $clean = trim(preg_replace('/[\x00-\x1f\x7f]+/', ' ', (string) $value) ?? '');
        return $clean === '' ? null : mb_substr($clean, 0, $length);
    }
}
