<?php

declare(strict_types=1);

namespace CrowdSky\Accounts;

use CrowdSky\Base\Refusal;
use CrowdSky\Http\Request;
use CrowdSky\Kernel\App;
use CrowdSky\Keys\KeyThrottle;

/**
 * Identifies the key of a request to the data API. Keys that are not valid are counted per address, together with those of workers;
 * a valid one is never slowed down.
 */
final class DataKeyAuth
{
    private const NEEDED = 'A valid data key is needed in the header Authorization: Bearer; create one on the page Account.'
        . ' It may have expired or been revoked.';

    private function __construct(private readonly DataKeys $keys, private readonly KeyThrottle $throttle)
    {
    }

    public static function of(App $app): self
    {
        return new self(new DataKeys($app->database(), $app->clock()), KeyThrottle::of($app));
    }

    /** @throws Refusal without a valid data key, and after too many wrong ones */
    public function require(Request $request): DataKey
    {
        return $this->identify($request) ?? throw Refusal::keyNeeded(self::NEEDED);
    }

    /**
     * @return DataKey|null null when the request carries no key at all, which does not count as a failure
     * @throws Refusal when the key is not valid or not meant for reading, and after too many of those from one address
     */
    public function identify(Request $request): ?DataKey
    {
        $plain = $request->authorization('Bearer');
        if ($plain === null) {
            return null;
        }
        $key = $this->keys->find($plain) ?? throw $this->throttle->refuse($request->remoteAddress(), self::NEEDED);
        $this->keys->noteUse($key, $request->remoteAddress());
        if (!$key->allows(DataKey::READ)) {
            throw Refusal::forbidden('This key is for sending and fetching your own files; create one that reads the archive on the page Account.');
        }

        return $key;
    }
}
