<?php

declare(strict_types=1);

namespace CrowdSky\Trust;

/**
 * The decision to publish a result.
 */
final class Publish
{
    /** @param bool $isConfirmed whether a volunteer made it and another one agrees, which its key is credited for */
    public function __construct(public readonly bool $isConfirmed = false)
    {
    }
}
