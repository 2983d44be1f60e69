<?php

declare(strict_types=1);

namespace CrowdSky\Api\Vo;

use CrowdSky\Fits\SkyPosition;
use CrowdSky\Sky\Footprint;

/** A range of right ascensions and declinations, degrees; a first right ascension above the second goes over 0. */
final class SkyRange implements SkyShape
{
    public function __construct(
        private readonly float $west,
        private readonly float $east,
        private readonly float $south,
        private readonly float $north,
    ) {
    }

    public function meets(Footprint $footprint): bool
    {
        foreach ($footprint->pieces() as [$from, $to]) {
            if ($this->touches($from, $to)) {
                return true;
            }
        }
        // Either none of the outline is in it, or all of the range is inside.
        $middle = SkyPosition::fromDegrees($this->west + $this->width() / 2.0, ($this->south + $this->north) / 2.0);
        return $middle !== null && $footprint->contains($middle);
    }

    public function declinations(): array
    {
        return [$this->south, $this->north];
    }

    /** Whether the box around a short piece of a line meets the range. */
    private function touches(SkyPosition $from, SkyPosition $to): bool
    {
        if (max($from->dec, $to->dec) < $this->south || min($from->dec, $to->dec) > $this->north) {
            return false;
        }
        // The piece from its western end on, counted from the range's.
        $step = self::turn($to->ra - $from->ra);
        [$start, $length] = $step <= 180.0 ? [$from->ra, $step] : [$to->ra, 360.0 - $step];
        $offset = self::turn($start - $this->west);
        return $offset <= $this->width() || $offset + $length >= 360.0;
    }

    private function width(): float
    {
        return $this->east - $this->west >= 360.0 ? 360.0 : self::turn($this->east - $this->west);
    }

    /** An angle from 0 up to 360 degrees. */
    private static function turn(float $angle): float
    {
        $turned = fmod($angle, 360.0);
        return $turned < 0.0 ? $turned + 360.0 : $turned;
    }
}
