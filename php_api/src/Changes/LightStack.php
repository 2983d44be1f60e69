<?php

declare(strict_types=1);

namespace CrowdSky\Changes;

/** A stack that shares subs with others. */
final class LightStack
{
    /** @param array<int, true> $subs numbers of its subs: the same light has the same number in all stacks */
    public function __construct(
        public readonly int $id,
        public readonly int $ownerId,
        public readonly bool $isPublic,
        /** whether the archive has its stars, without which it can stand for no other one */
        public readonly bool $hasStars,
        /** in which order those that share light became public; null of private ones */
        public readonly ?int $publicRank,
        public readonly array $subs,
    ) {
    }

    /**
     * Number of subs that are among others.
     *
     * @param array<int, mixed> $others by the same numbers
     */
    public function shared(array $others): int
    {
        return count(array_intersect_key($this->subs, $others));
    }

    /** @param array<int, mixed> $others by the same numbers */
    public function isMostlyIn(array $others): bool
    {
        return $this->subs !== [] && 2 * $this->shared($others) >= count($this->subs);
    }
}
