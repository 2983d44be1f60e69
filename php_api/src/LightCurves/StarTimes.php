<?php

declare(strict_types=1);

namespace CrowdSky\LightCurves;

use CrowdSky\Fits\SkyPosition;

/** Brings the barycentric time of a picture's middle to one of its stars; the two differ by up to some seconds. */
final class StarTimes
{
    private const SECONDS_OF_DAY = 86400.0;

    public function __construct(private readonly SkyPosition $star)
    {
    }

    /**
     * @param float $time of the middle, BJD (TDB)
     * @param SkyPosition $middle of the picture
     * @return float BJD (TDB) of the star; right to 0.01 s up to three degrees from the middle
     */
    public function at(float $time, SkyPosition $middle): float
    {
        $earth = EarthVector::at($time);
        $star = $this->star->vector();
        $centre = $middle->vector();
        $path = 0.0;
        foreach ($earth as $axis => $coordinate) {
            $path += $coordinate * ($star[$axis] - $centre[$axis]);
        }

        return $time + $path * EarthVector::LIGHT_SECONDS / self::SECONDS_OF_DAY;
    }
}
