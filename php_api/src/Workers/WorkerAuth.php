<?php

declare(strict_types=1);

namespace CrowdSky\Workers;

use CrowdSky\Http\HttpError;
use CrowdSky\Http\Request;

/**
 * Finds out which worker key a request carries.
 */
final class WorkerAuth
{
    public function __construct(private readonly KeyStore $keys)
    {
    }

    /**
     * @throws HttpError 401 without a valid worker key, 403 when the key is not meant for this
     */
    public function require(Request $request, string $scope): ApiKey
    {
        $plain = $request->authorization('Bearer');
        $key = $plain === null ? null : $this->keys->find($plain);
        if ($key === null) {
            throw HttpError::unauthorized('A valid worker key is needed in the header Authorization: Bearer');
        }
        if (!$key->allows($scope)) {
            throw HttpError::forbidden("This key has no right to '$scope'");
        }
        $this->keys->noteUse($key, $request->remoteAddress());
        return $key;
    }
}
