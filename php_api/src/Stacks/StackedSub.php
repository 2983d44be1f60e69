<?php

declare(strict_types=1);

namespace CrowdSky\Stacks;

/** What the stacker found of a sub and did with it: a row of the table FRAMES. What is null is not known. */
final class StackedSub
{
    public function __construct(
        public readonly string $filename,
        /** start of the exposure, ISO text */
        public readonly ?string $dateObs,
        public readonly bool $isUsed,
        /** why it was not used, or what is special about it, in English; empty for nothing */
        public readonly string $reason,
        public readonly ?int $stars,
        /** pixels of the sub */
        public readonly ?float $fwhm,
        /** median 1 - b/a of its stars, 0 for round ones; null also for stacks of older versions */
        public readonly ?float $ellipticity,
        /** background in counts */
        public readonly ?float $sky,
        /** in the mean, beside the other subs; null where it was not used */
        public readonly ?float $weight,
    ) {
    }

    /** Seconds since 1970 at which it was begun. */
    public function time(): ?float
    {
        $moment = $this->dateObs === null ? false : date_create_immutable($this->dateObs, new \DateTimeZone('UTC'));

        return $moment === false ? null : (float) $moment->format('U.u');
    }
}
