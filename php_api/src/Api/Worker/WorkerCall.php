<?php

declare(strict_types=1);

namespace CrowdSky\Api\Worker;

use CrowdSky\Base\Refusal;
use CrowdSky\Http\Request;
use CrowdSky\Jobs\LeaseHolder;
use CrowdSky\Kernel\App;
use CrowdSky\Workers\ApiKey;
use CrowdSky\Workers\KeyStore;
use CrowdSky\Workers\WorkerServices;

/** Who makes a call of the worker API. */
final class WorkerCall
{
    /** @throws Refusal without a valid worker key, and after too many wrong ones */
    public static function key(App $app, Request $request): ApiKey
    {
        return WorkerServices::of($app)->auth()->require($request, KeyStore::SCOPE_JOBS);
    }

    /**
     * Reads key and lease token from the headers; a call with a JSON body is a JobReport.
     *
     * @throws Refusal as key() does
     */
    public static function holder(App $app, Request $request): LeaseHolder
    {
        return LeaseHolder::with(self::key($app, $request), $request->header('X-Lease-Token'));
    }

    /** @throws Refusal unless the SHA-256 of the body is announced */
    public static function announcedHash(Request $request): string
    {
        $sha256 = strtolower((string) $request->header('X-SHA256'));
        return preg_match('/^[0-9a-f]{64}$/D', $sha256) === 1
            ? $sha256
            : throw Refusal::badInput('The header X-SHA256 must carry the SHA-256 of the body as 64 hex digits');
    }
}
