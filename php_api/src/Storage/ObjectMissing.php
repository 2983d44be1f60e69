<?php

declare(strict_types=1);

namespace CrowdSky\Storage;

use CrowdSky\Http\HttpError;

/**
 * There is nothing under that path in the storage.
 */
final class ObjectMissing extends HttpError
{
    public function __construct(public readonly string $path)
    {
        parent::__construct(404, 'not_found', 'The file is not in storage: ' . basename($path));
    }
}
