<?php

declare(strict_types=1);

namespace CrowdSky\Chunks;

use CrowdSky\Fits\HeaderClock;
use CrowdSky\Fits\Precession;
use CrowdSky\Fits\SkyPosition;

/** The properties of a stored sub that decide its chunk. Exposure in seconds, sizes in pixels. */
final class Frame
{
    public function __construct(
        public readonly int $id,
        public readonly string $timeBlock,
        /** as the header has it */
        public readonly ?SkyPosition $position,
        public readonly ?string $object,
        public readonly ?string $telescope,
        public readonly ?string $filter,
        public readonly ?float $exposure,
        public readonly int $width,
        public readonly int $height,
        public readonly ?string $bayerPattern,
        public readonly ?int $eqMode,
        /** null for subs that were uploaded before clocks were read */
        public readonly ?HeaderClock $clock = null,
        public readonly bool $isWide = false,
        /** of the position, Julian year */
        public readonly float $equinox = Precession::J2000,
    ) {
    }

    /** The same frame as if it had been taken in another block. */
    public function inBlock(string $timeBlock): self
    {
        return new self(...['timeBlock' => $timeBlock] + get_object_vars($this));
    }

    /** Where it points on the sky, ICRS. */
    public function sky(): ?SkyPosition
    {
        return $this->position === null ? null : Precession::toJ2000($this->position, $this->equinox);
    }

    /**
     * 64 hex digits, equal for frames that may be stacked together as far as time and instrument go.
     *
     * Frames without coordinates have other keys than those with, since nothing says that they show the same field. The
     * pointing itself and the exposure time are not part of the key, because closeness is not transitive.
     */
    public function groupKey(): string
    {
        return hash('sha256', json_encode([
            $this->timeBlock,
            $this->telescope,
            FilterName::form($this->filter),
            $this->exposure !== null,
            $this->width,
            $this->height,
            $this->bayerPattern,
            $this->eqMode,
            $this->position !== null,
            // Only where it matters, so that the keys of all other frames stay as they were.
            ...$this->oddities(),
        ], JSON_THROW_ON_ERROR | JSON_INVALID_UTF8_SUBSTITUTE));
    }

    /** The clock, where it is not plain UTC; null where every worker reads the time rightly. */
    public function oddClock(): ?string
    {
        return $this->clock === HeaderClock::Utc ? null : $this->clock?->value;
    }

    /** @return list<string> what sets a frame apart from most others */
    private function oddities(): array
    {
        return array_values(array_filter([$this->oddClock(), $this->isWide ? 'wide' : null]));
    }
}
