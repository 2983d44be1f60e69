<?php

declare(strict_types=1);

namespace CrowdSky\Fits;

/**
 * One part (HDU) of a FITS file as it was read: its header, and what was found out about its data.
 */
final class FitsPart
{
    public function __construct(
        public readonly HduHeader $header,
        /** whether no value is NaN or infinite */
        public readonly bool $isFinite,
        /** whether all values of the data are the same */
        public readonly bool $isConstant,
        /** whether all values of the data are zero */
        public readonly bool $isZero,
        /** SHA-256, in hex, of how the pixels are coded and of the data without padding; null for what is no image */
        public readonly ?string $imageHash,
        /** what contradicts DATASUM or CHECKSUM; null when nothing does */
        public readonly ?string $sumProblem,
        /** whether it tells where it was taken, or has frames under their owner's names; see PlaceSearch */
        public readonly bool $tellsPlace,
    ) {
    }

    public function name(): string
    {
        return $this->header->name();
    }
}
