<?php

declare(strict_types=1);

namespace CrowdSky\Workers;

use CrowdSky\Base\Refusal;
use CrowdSky\Http\Request;

/**
 * Identifies the worker key of a request.
 */
final class WorkerAuth
{
    public function __construct(private readonly KeyStore $keys, private readonly KeyThrottle $throttle)
    {
    }

    /** @throws Refusal without a valid worker key, after too many wrong ones, or when the key is not meant for this */
    public function require(Request $request, string $scope): ApiKey
    {
        $key = $this->identify($request) ?? throw self::keyNeeded();
        if (!$key->allows($scope)) {
            $options = $scope === KeyStore::SCOPE_JOBS ? '' : " --scope $scope";
            throw Refusal::forbidden("This key has no right to '$scope'; worker-key.php create$options makes one that has");
        }
        return $key;
    }

    /**
     * @return ApiKey|null the key; null when the request carries none at all, which does not count as a failure
     * @throws Refusal when the key is not valid, and after too many of those from one address
     */
    public function identify(Request $request): ?ApiKey
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
        $wait = $this->throttle->recordFailure($address);
        return $wait === null
            ? self::keyNeeded()
            : Refusal::tooOften('Too many calls with keys that are not valid; try again later', $wait);
    }

    private static function keyNeeded(): Refusal
    {
        return Refusal::keyNeeded('A valid worker key is needed in the header Authorization: Bearer');
    }
}
