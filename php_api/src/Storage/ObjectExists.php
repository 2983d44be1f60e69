<?php

declare(strict_types=1);

namespace CrowdSky\Storage;

use CrowdSky\Base\Refusal;
use CrowdSky\Base\RefusalKind;

/**
 * The path is taken by another object, and results are never overwritten.
 */
final class ObjectExists extends Refusal
{
    public function __construct(public readonly string $path)
    {
        parent::__construct(RefusalKind::Conflict, 'already_stored', 'Another file is stored under this name already: ' . basename($path));
    }
}
