<?php

declare(strict_types=1);

namespace CrowdSky\Variables;

/** A variable star that was found. */
final class FoundVariable
{
    public function __construct(
        public readonly VariableStar $star,
        /** line in the file of its catalogue */
        public readonly int $number,
        /** pixel in the stack that was asked for, the centre of the first one is 0; null without a stack */
        public readonly ?float $x,
        public readonly ?float $y,
    ) {
    }
}
