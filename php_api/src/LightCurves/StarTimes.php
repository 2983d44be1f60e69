<?php

declare(strict_types=1);

namespace CrowdSky\LightCurves;

use CrowdSky\Fits\SkyPosition;

/** Brings the barycentric time of a picture's middle to one of its stars; the two differ by up to some seconds. */
final class StarTimes
{
    private const SECONDS_OF_DAY = 86400.0;

    /** @var array{float, float, float} unit vector */
    private readonly array $star;

    public function __construct(SkyPosition $star)
    {
        $this->star = $star->vector();
    }

    /**
     * @param float $time of the middle, BJD (TDB)
     * @param SkyPosition $middle of the picture
     * @return float BJD (TDB) of the star; right to 0.01 s up to three degrees from the middle
     */
    public function at(float $time, SkyPosition $middle): float
    {
        [$x, $y, $z] = EarthVector::at($time);
        [$centreX, $centreY, $centreZ] = $middle->vector();
        $path = $x * ($this->star[0] - $centreX) + $y * ($this->star[1] - $centreY) + $z * ($this->star[2] - $centreZ);

        return $time + $path * EarthVector::LIGHT_SECONDS / self::SECONDS_OF_DAY;
    }
}
