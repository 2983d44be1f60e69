<?php

declare(strict_types=1);

namespace CrowdSky\Api\Operator;

use CrowdSky\Accounts\Visitor;
use CrowdSky\Base\Refusal;
use CrowdSky\Http\Request;
use CrowdSky\Http\Response;
use CrowdSky\Kernel\App;
use CrowdSky\Rescans\RescanOptions;
use CrowdSky\Rescans\RescanRequest;
use CrowdSky\Rescans\RescanState;
use CrowdSky\Rescans\Rescans;
use CrowdSky\Rescans\UnmeasuredStacks;
use CrowdSky\Rescans\UnmeasuredWish;
use CrowdSky\Workers\KeyStore;
use CrowdSky\Workers\WorkerServices;

/** api/rescan.php: for a browser with a login, and for keys with the scope admin. */
final class RescanCall
{
    /** @throws Refusal when the caller may not ask this, or asks for what is not there; see docs/api.md */
    public static function answer(App $app, Request $request): Response
    {
        return $request->method() === 'POST' ? self::queue($app, $request) : self::state($app, $request);
    }

    private static function queue(App $app, Request $request): Response
    {
        $isKey = self::hasKey($request);
        [$actor, $ownerId] = self::caller($app, $request);
        $body = $request->body()->json();
        if (!$isKey) {
            Visitor::of($app, $request)->requireCsrf($body->optionalText('csrf_token', 256));
        }
        $unmeasured = UnmeasuredWish::fromJson($body);
        $wish = new RescanRequest($actor, $ownerId, RescanOptions::fromJson($body));
        if ($unmeasured !== null) {
            return Response::json(UnmeasuredStacks::of($app)->batch($unmeasured, $wish)->toJson());
        }
        $queued = Rescans::of($app)->queue($body->ids('stack_ids', Rescans::MAX_STACKS), $wish);

        return Response::json(['ok' => true, 'job_ids' => $queued->jobIds, 'skipped' => $queued->skipped]);
    }

    private static function state(App $app, Request $request): Response
    {
        [, $ownerId] = self::caller($app, $request);
        $jobId = $request->queryId('job_id');
        $job = Rescans::of($app)->get($jobId);
        if ($ownerId !== null && $job->userId !== $ownerId) {
            throw Refusal::notFound("There is no rescan $jobId");
        }

        return Response::json(RescanState::of($job)->toJson());
    }

    /** @return array{string, ?int} how the audit trail names the caller; whose stacks it may touch, null for all */
    private static function caller(App $app, Request $request): array
    {
        if (self::hasKey($request)) {
            $key = WorkerServices::of($app)->auth()->require($request, KeyStore::SCOPE_ADMIN);

            return ["key:{$key->name}", null];
        }
        $user = Visitor::of($app, $request)->requireUser();

        return [$user->actor(), $user->isAdmin() ? null : $user->id];
    }

    private static function hasKey(Request $request): bool
    {
        return $request->authorization('Bearer') !== null;
    }
}
