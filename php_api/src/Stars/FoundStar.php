<?php

declare(strict_types=1);

namespace CrowdSky\Stars;

use CrowdSky\Fits\SkyPosition;

/** A star as one stack shows it: a row of STAR-TAB with a position. What is not known is null. */
final class FoundStar
{
    public function __construct(
        /** ICRS, at the time of the stack */
        public readonly SkyPosition $position,
        /** pixels, the first is 0 */
        public readonly float $x,
        public readonly float $y,
        /** @var array<string, ?float> by r, g and b, ADU */
        public readonly array $fluxes,
        /** @var array<string, ?float> errors of the fluxes, likewise */
        public readonly array $errors,
        /** pixels */
        public readonly ?float $fwhm,
        /** bits of StarFlag */
        public readonly int $flags,
        public readonly ?int $gaiaId,
        /** proper motion of its catalogue partner in mas a year, with the cosine of the declination; null unless both are known */
        public readonly ?float $pmRa,
        public readonly ?float $pmDec,
        /** whether the catalogue of the zero points has it */
        public readonly bool $isInCatalogue,
    ) {
    }

    /** Its light in green, or in the only plane of a monochrome sensor. */
    public function light(): ?float
    {
        return $this->fluxes['g'];
    }
}
