<?php

declare(strict_types=1);

namespace CrowdSky\Api\Operator;

use CrowdSky\Base\Refusal;
use CrowdSky\Base\RefusalKind;
use CrowdSky\Base\Utc;
use CrowdSky\Database\Engine;
use CrowdSky\Http\Request;
use CrowdSky\Http\Response;
use CrowdSky\Kernel\App;
use CrowdSky\Operations\Readiness;
use CrowdSky\Workers\WorkerServices;

/**
 * api/health.php: whether the site is alive and, with `ready=1`, whether it can do its work.
 */
final class Health
{
    private const RETRY_AFTER_SECONDS = 30;

    /**
     * Without a key and without `ready=1` it touches neither database nor disk.
     *
     * @throws Refusal after too many keys that are not valid
     */
    public static function answer(App $app, Request $request): Response
    {
        $alive = [
            'ok' => true,
            'database' => Engine::ofDsn($app->config()->dbDsn)->value,
            'time' => Utc::wire(Utc::stored($app->clock()->now())),
            // Some reverse proxies strip this header; a worker can send its key here to find out.
            'authorization_header' => $request->header('Authorization') !== null,
        ];
        if ($request->query('ready') === '1') {
            return self::readiness($app, $request, $alive);
        }
        return Response::json($alive + ['valid_key' => self::isValidKey($app, $request)]);
    }

    /** @param array<string, mixed> $alive */
    private static function readiness(App $app, Request $request, array $alive): Response
    {
        $hasKey = static fn (): bool => self::isValidKey($app, $request) === true;
        $findings = (new Readiness($app, $request))->check($hasKey);
        $isReady = Readiness::isReady($findings);
        $answer = Response::json(['ok' => $isReady, 'checks' => $findings] + $alive);
        return $isReady ? $answer : $answer->refusing(RefusalKind::Unavailable, self::RETRY_AFTER_SECONDS);
    }

    /** @return bool|null null without a key; then there is no reason to go to the database */
    private static function isValidKey(App $app, Request $request): ?bool
    {
        if ($request->authorization('Bearer') === null) {
            return null;
        }
        try {
            return WorkerServices::of($app)->auth()->identify($request) !== null;
        } catch (Refusal $error) {
            return $error->kind === RefusalKind::KeyNeeded ? false : throw $error;
        }
    }
}
