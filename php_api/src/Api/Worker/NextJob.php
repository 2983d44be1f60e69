<?php

declare(strict_types=1);

namespace CrowdSky\Api\Worker;

use CrowdSky\Base\Readable;
use CrowdSky\Base\Refusal;
use CrowdSky\Calibrations\CalibrationOrder;
use CrowdSky\Custody\CustodyServices;
use CrowdSky\Fits\CardTable;
use CrowdSky\Hats\HatsCell;
use CrowdSky\Hips\HipsOrder;
use CrowdSky\Hosts\HostServices;
use CrowdSky\Http\HttpError;
use CrowdSky\Http\Request;
use CrowdSky\Http\Response;
use CrowdSky\Jobs\Claimant;
use CrowdSky\Jobs\Job;
use CrowdSky\Jobs\JobKind;
use CrowdSky\Kernel\App;
use CrowdSky\Queue\Lease;
use CrowdSky\Queue\QueueServices;
use CrowdSky\Raws\RawServices;
use CrowdSky\Results\ResultServices;
use CrowdSky\Series\SeriesOrder;
use CrowdSky\Workers\KeyTrust;
use CrowdSky\Workers\TrustLevel;
use CrowdSky\Workers\WorkerServices;

/** api/next_job.php: leases the next job to the worker. */
final class NextJob
{
    /** @throws Refusal without a valid worker key, or with one in quarantine; see docs/api.md */
    public static function answer(App $app, Request $request): Response
    {
        if ($request->method() === 'HEAD') {
            // A request for the headers alone must not claim a job.
            throw HttpError::methodNotAllowed(['GET']);
        }
        $key = WorkerCall::key($app, $request);
        $name = self::label($request->query('worker_id')) ?? 'default';
        $claimId = $request->query('claim_id');
        if ($claimId !== null && preg_match('/^[A-Za-z0-9_-]{8,64}$/D', $claimId) !== 1) {
            throw Refusal::badInput("'claim_id' must be 8 to 64 letters, digits, - or _, new for every claim");
        }
        $kinds = JobKind::listed($request->query('kinds'));
        WorkerServices::of($app)->registry()->seen($key->id, $name, self::label($request->query('version')));
        KeyTrust::requireGood($key);
        // A job whose raws this host cannot send would be claimed and handed back again and again.
        HostServices::of($app)->identity()->requireOwnFolder();
        $lease = QueueServices::of($app)->queue()->claim(Claimant::with($key, $name, $kinds, $request->query('clocks') === '1'), $claimId);
        return $lease === null ? Response::noContent() : Response::json(self::leaseAsJson($app, $lease, $key->level()));
    }

    /** @return array<string, mixed> */
    private static function leaseAsJson(App $app, Lease $lease, TrustLevel $level): array
    {
        $job = $lease->job;
        $leaseSeconds = $app->config()->leaseSeconds;
        $mayTellPosition = RawServices::of($app)->frames()->mayTellPosition($job->userId, $job->framesJobId());
        return [
            'job_id' => $job->id,
            'archive_id' => CustodyServices::of($app)->ids()->current()->id,
            'oldest_archive_id' => CustodyServices::of($app)->ids()->oldest(),
            'archive_facts' => ResultServices::of($app)->archiveFacts()->of($job, $mayTellPosition || $level === TrustLevel::Trusted),
            'kind' => $job->kind->wire(),
            'user_id' => $job->userId,
            'upload_session_id' => $job->uploadSessionId,
            'chunk_key' => $job->chunkKey,
            'chunk_key_hp' => $job->chunkKeyHp,
            // It becomes a folder in the storage, which others can list.
            'object_name' => CardTable::get()->publicText('OBJECT', $job->objectName),
            'frame_count' => $job->frameCount,
            'total_bytes' => $job->totalBytes,
            'session_ucloud_path' => null,
            'lease_token' => $lease->token,
            'lease_seconds' => $leaseSeconds,
            'heartbeat_seconds' => max(1, intdiv($leaseSeconds, 3)),
            'attempt' => $job->attempts,
            'max_attempts' => $job->maxAttempts,
            'attempt_tag' => $job->attemptTag(),
            'stack' => $job->kind === JobKind::Rescan ? self::stackAsJson($app, $job) : null,
            // Those of a job without a stack have more than its worker is to know.
            'options' => $job->kind->resultCall() === null ? $job->options : null,
            'hips' => $job->kind === JobKind::Hips ? HipsOrder::ofJob($job)->toWire() : null,
            'calibrate' => $job->kind === JobKind::Calibrate ? CalibrationOrder::ofJob($job)->toWire() : null,
            'series' => $job->kind === JobKind::Series ? SeriesOrder::ofJob($job)->toWire() : null,
            'hats' => $job->kind === JobKind::Hats ? HatsCell::ofJob($job)->toWire() : null,
            'may_tell_position' => $mayTellPosition,
        ];
    }

    /** @return array<string, mixed>|null */
    private static function stackAsJson(App $app, Job $job): ?array
    {
        $stack = ResultServices::of($app)->register()->of($job);
        return $stack === null ? null : [
            'stack_id' => (int) $stack['id'],
            'file_size_bytes' => (int) $stack['file_size_bytes'],
            'sha256' => $stack['sha256'],
        ];
    }

    /** Cleans up a name from outside for display; null if nothing is left of it. */
    private static function label(?string $value): ?string
    {
        $clean = trim(Readable::text((string) $value, 1000));
        return $clean === '' ? null : mb_substr($clean, 0, 64);
    }
}
