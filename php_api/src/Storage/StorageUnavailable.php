<?php

declare(strict_types=1);

namespace CrowdSky\Storage;

use CrowdSky\Http\HttpError;

/**
 * The storage did not do what it was asked; the client may try again later. What exactly happened is only logged.
 */
final class StorageUnavailable extends HttpError
{
    private const RETRY_AFTER_SECONDS = '30';

    public function __construct(string $detail, ?\Throwable $cause = null)
    {
        $logged = new \RuntimeException($detail, 0, $cause);
        $message = 'The result storage is not available now; please try again shortly';
        parent::__construct(503, 'storage_unavailable', $message, ['Retry-After' => self::RETRY_AFTER_SECONDS], $logged);
    }
}
