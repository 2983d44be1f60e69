<?php

declare(strict_types=1);

namespace CrowdSky\Stars;

/** The stars of a stack, and what holds for all of them. */
final class MeasuredStack
{
    public function __construct(
        public readonly EpochFacts $facts,
        /** @var list<FoundStar> */
        public readonly array $stars,
        /** RMS of the fit of the plate, arcsec; null where it is not known */
        public readonly ?float $plateRms,
        /** why it has no stars that could be matched; null when it has */
        public readonly ?string $reason,
    ) {
    }

    /** The same facts without stars. */
    public function without(string $reason): self
    {
        return new self($this->facts, [], $this->plateRms, $reason);
    }
}
