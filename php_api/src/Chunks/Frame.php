<?php

declare(strict_types=1);

namespace CrowdSky\Chunks;

use CrowdSky\Fits\SkyPosition;

/** The properties of a stored sub that decide its chunk. Exposure in seconds, sizes in pixels. */
final class Frame
{
    public function __construct(
        public readonly int $id,
        public readonly string $timeBlock,
        public readonly ?SkyPosition $position,
        public readonly ?string $object,
        public readonly ?string $telescope,
        public readonly ?string $filter,
        public readonly ?float $exposure,
        public readonly int $width,
        public readonly int $height,
        public readonly ?string $bayerPattern,
        public readonly ?int $eqMode,
    ) {
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
        ], JSON_THROW_ON_ERROR | JSON_INVALID_UTF8_SUBSTITUTE));
    }
}
