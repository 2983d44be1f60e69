<?php

declare(strict_types=1);

namespace CrowdSky\Storage;

use CrowdSky\Http\HttpError;

/**
 * The path is taken by another object, and results are never overwritten.
 */
final class ObjectExists extends HttpError
{
    public function __construct(public readonly string $path)
    {
        parent::__construct(409, 'already_stored', 'Another file is stored under this name already: ' . basename($path));
    }
}
