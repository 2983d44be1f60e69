<?php

declare(strict_types=1);

namespace CrowdSky\Variables;

/** One page of variable stars. */
final class VariablePage
{
    /**
     * @param list<FoundVariable> $found
     * @param string|null $next where the next page begins; null on the last one
     */
    public function __construct(public readonly array $found, public readonly ?string $next)
    {
    }
}
