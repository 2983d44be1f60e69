<?php

declare(strict_types=1);

namespace CrowdSky\Sky;

/** What was observed of one tile, filter or target. Times are ISO UTC without zone. */
final class CoveredTile
{
    private function __construct(
        /** NSIDE 128, RING; null for a target whose place is not known */
        public readonly ?int $pixel,
        public readonly ?string $name,
        public readonly int $stacks,
        /** seconds */
        public readonly float $exposure,
        public readonly ?string $firstObs,
        public readonly ?string $lastObs,
    ) {
    }

    /** @param array<string, mixed> $row of SkyCoverage */
    public static function fromRow(array $row): self
    {
        return new self(
            $row['pixel'] === null ? null : (int) $row['pixel'],
            $row['name'],
            (int) $row['stacks'],
            (float) $row['exposure'],
            $row['first_obs'],
            $row['last_obs'],
        );
    }

    /** Both together, under the name of this one. */
    public function with(self $other): self
    {
        $times = array_filter([$this->firstObs, $other->firstObs], is_string(...));
        $ends = array_filter([$this->lastObs, $other->lastObs], is_string(...));

        return new self(
            $this->pixel,
            $this->name,
            $this->stacks + $other->stacks,
            $this->exposure + $other->exposure,
            $times === [] ? null : min($times),
            $ends === [] ? null : max($ends),
        );
    }
}
