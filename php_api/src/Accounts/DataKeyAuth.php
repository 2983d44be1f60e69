<?php

declare(strict_types=1);

namespace CrowdSky\Accounts;

use CrowdSky\Base\Refusal;
use CrowdSky\Database\AttemptLimit;
use CrowdSky\Http\Request;
use CrowdSky\Kernel\App;

/**
 * Identifies the data key of a request. Keys that are not valid are counted per address, together with those of workers;
 * a valid one is never slowed down.
 */
final class DataKeyAuth
{
    private function __construct(
        private readonly DataKeys $keys,
        private readonly AttemptLimit $failures,
        private readonly int $maxFailures,
    ) {
    }

    public static function of(App $app): self
    {
        $config = $app->config();
        $failures = new AttemptLimit($app->database(), $app->clock(), 'key_failures', 'failed_at', $config->failureWindowSeconds);

        return new self(new DataKeys($app->database(), $app->clock()), $failures, $config->maxKeyFailures);
    }

    /** @throws Refusal without a valid data key, and after too many wrong ones */
    public function require(Request $request): DataKey
    {
        return $this->identify($request) ?? throw self::keyNeeded();
    }

    /**
     * @return DataKey|null null when the request carries no key at all, which does not count as a failure
     * @throws Refusal when the key is not valid, and after too many of those from one address
     */
    public function identify(Request $request): ?DataKey
    {
        $plain = $request->authorization('Bearer');
        if ($plain === null) {
            return null;
        }
        $key = $this->keys->find($plain) ?? throw $this->refuse($request->remoteAddress());
        $this->keys->noteUse($key, $request->remoteAddress());

        return $key;
    }

    private function refuse(string $address): Refusal
    {
        $wait = $this->failures->admit(['remote_addr' => $address], [[['remote_addr'], $this->maxFailures]]);

        return $wait === null
            ? self::keyNeeded()
            : Refusal::tooOften('Too many calls with keys that are not valid; try again later', $wait);
    }

    private static function keyNeeded(): Refusal
    {
        return Refusal::keyNeeded(
            'A valid data key is needed in the header Authorization: Bearer; create one on the page Account. It may have expired or been revoked.'
        );
    }
}
