<?php

declare(strict_types=1);

namespace CrowdSky\Storage;

use CrowdSky\Base\Refusal;
use CrowdSky\Base\RefusalKind;

/**
 * There is nothing under that path in the storage.
 */
final class ObjectMissing extends Refusal
{
    public function __construct(public readonly string $path)
    {
        parent::__construct(RefusalKind::NotFound, 'not_found', 'The file is not in storage: ' . basename($path));
    }
}
