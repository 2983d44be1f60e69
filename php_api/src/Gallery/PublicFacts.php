<?php

declare(strict_types=1);

namespace CrowdSky\Gallery;

/** What the public stacks come to. */
final class PublicFacts
{
    /** @param list<int> $pictures ids of the stacks of Showcase */
    public function __construct(
        public readonly int $stacks,
        /** that were combined */
        public readonly int $subs,
        /** seconds, all combined subs together */
        public readonly float $exposure,
        public readonly int $owners,
        /** that they show: see SkyPlaces */
        public readonly int $places,
        /** where they are */
        public readonly string $drawing,
        public readonly array $pictures,
    ) {
    }

    /** Reads what toStored() wrote. */
    public static function fromStored(string $json): self
    {
        return new self(...json_decode($json, true, 3, JSON_THROW_ON_ERROR));
    }

    public function toStored(): string
    {
        return json_encode(get_object_vars($this), JSON_THROW_ON_ERROR | JSON_PRESERVE_ZERO_FRACTION);
    }
}
