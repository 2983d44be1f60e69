<?php

declare(strict_types=1);

namespace CrowdSky\Workers;

use CrowdSky\Base\Refusal;
use CrowdSky\Http\Request;
use CrowdSky\Keys\KeyThrottle;

/**
 * Identifies the worker key of a request.
 */
final class WorkerAuth
{
    private const NEEDED = 'A valid worker key is needed in the header Authorization: Bearer';

    public function __construct(private readonly KeyStore $keys, private readonly KeyThrottle $throttle)
    {
    }

    /** @throws Refusal without a valid worker key, after too many wrong ones, or when the key is not meant for this */
    public function require(Request $request, string $scope): ApiKey
    {
        $key = $this->identify($request) ?? throw Refusal::keyNeeded(self::NEEDED);
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
        $key = $this->keys->find($plain) ?? throw $this->throttle->refuse($request->remoteAddress(), self::NEEDED);
        $this->keys->noteUse($key, $request->remoteAddress());
        return $key;
    }
}
