<?php

declare(strict_types=1);

namespace CrowdSky\Trust;

/**
 * The figures by which two results of the same frames are compared, as far as they are known.
 */
final class ResultFigures
{
    /**
     * @param int $framesUsed number of frames that were combined
     * @param float|null $exposure total exposure in seconds
     * @param array{float, float}|null $centre right ascension and declination in degrees; null for an unsolved stack
     * @param float|null $scale arcsec per pixel; null for an unsolved stack
     * @param array<string, float> $sky level in ADU by plane: R, G, B
     * @param array<string, float> $noise of a pixel of the sky, in ADU by plane
     * @param list<array{float, float}> $stars x and y in pixels of the brightest stars, brightest first
     */
    public function __construct(
        public readonly int $framesUsed,
        public readonly ?float $exposure,
        public readonly ?array $centre,
        public readonly ?float $scale,
        public readonly array $sky,
        public readonly array $noise,
        public readonly array $stars,
    ) {
    }

    public static function fromStored(string $json): self
    {
        return new self(...json_decode($json, true, 8, JSON_THROW_ON_ERROR));
    }

    public function toStored(): string
    {
        return json_encode(get_object_vars($this), JSON_THROW_ON_ERROR | JSON_PRESERVE_ZERO_FRACTION);
    }
}
