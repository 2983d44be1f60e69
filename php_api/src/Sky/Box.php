<?php

declare(strict_types=1);

namespace CrowdSky\Sky;

use CrowdSky\Base\Refusal;
use CrowdSky\Chunks\HealpixCover;
use CrowdSky\Database\Condition;

/** All places between two right ascensions and two declinations (ICRS, degrees); edges belong to it. */
final class Box implements SkyRegion
{
    private function __construct(
        /** from here to the east */
        public readonly float $west,
        /** less than `$west` where the box crosses right ascension 0 */
        public readonly float $east,
        public readonly float $south,
        public readonly float $north,
    ) {
    }

    /** @throws Refusal for edges that are no coordinates, or a southern edge north of the northern one */
    public static function of(float $west, float $east, float $south, float $north): self
    {
        foreach ([$west, $east] as $ra) {
            if (!($ra >= 0.0 && $ra <= 360.0)) {
                throw Refusal::badInput('The right ascensions of a box must be from 0 to 360 degrees');
            }
        }
        if (!($south >= -90.0 && $north <= 90.0 && $south <= $north)) {
            throw Refusal::badInput('The declinations of a box must be from -90 to 90 degrees, the southern one first');
        }

        return new self($west, $east, $south, $north);
    }

    public function condition(): Condition
    {
        $width = $this->east >= $this->west ? $this->east - $this->west : $this->east - $this->west + 360.0;
        $between = $this->east >= $this->west ? 's.ra_deg >= ? AND s.ra_deg <= ?' : '(s.ra_deg >= ? OR s.ra_deg <= ?)';
        $isWhole = $width >= 360.0;

        return Condition::all(
            PixelRanges::condition(HealpixCover::ranges($this->south, $this->north, $isWhole ? null : $this->west, $width)),
            new Condition("s.dec_deg >= ? AND s.dec_deg <= ? AND $between", [$this->south, $this->north, $this->west, $this->east]),
        );
    }
}
