<?php

declare(strict_types=1);

namespace CrowdSky\LightCurves;

use CrowdSky\Calibrations\Calibration;
use CrowdSky\Calibrations\StarCalibration;
use CrowdSky\Stars\ListedStar;

/** The light curve of a star as a viewer gets it. */
final class LightCurve
{
    /** Stacks that are named in a sentence; all of them are in the facts of a table. */
    private const NAMED_COPIES = 10;

    /**
     * @param list<Calibration> $calibrations that it is made with
     * @param list<StarCalibration> $means of the star in them
     * @param \Generator<int, Point> $points reads the points, the oldest first
     * @param \Closure(): string $reason why there is no point; asked when there is none
     * @param array<int, int> $copies stacks that are left out, because another one has their light: that one, by stack
     */
    public function __construct(
        public readonly ListedStar $star,
        public readonly array $calibrations,
        public readonly array $means,
        private readonly \Generator $points,
        private readonly \Closure $reason,
        public readonly array $copies = [],
    ) {
    }

    /** What is to be said of a curve without a point: why it has none. Null if it has some. Ask before they are read. */
    public function note(): ?string
    {
        return $this->points->valid() ? null : ($this->reason)();
    }

    /** What is to be said of stacks that are left out; null without any. */
    public function copiesNote(): ?string
    {
        if ($this->copies === []) {
            return null;
        }
        $named = array_map(static fn (int $stack, int $in): string => "$stack (in $in)", array_keys($this->copies), $this->copies);
        $more = count($named) > self::NAMED_COPIES ? ', ...' : '';

        return 'Light counts once: ' . (count($named) === 1 ? '1 stack is left out, because its subs are in another one: '
            : count($named) . ' stacks are left out, because their subs are in others: ') . implode(', ', array_slice($named, 0, self::NAMED_COPIES)) . "$more.";
    }

    /**
     * They follow one by one, because a series may have many, and are read once; nothing else may be asked of the database
     * meanwhile.
     *
     * @return \Generator<int, Point>
     */
    public function points(): \Generator
    {
        if ($this->points->valid()) {
            yield from $this->points;
        }
    }
}
