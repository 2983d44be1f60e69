<?php

declare(strict_types=1);

namespace CrowdSky\Trust;

/**
 * The decision to let a result wait for a second opinion.
 */
final class Hold
{
    /** @param string|null $finding how it differs from the results that wait already; null when there are none */
    public function __construct(
        public readonly ResultFigures $figures,
        public readonly ?string $finding,
    ) {
    }
}
