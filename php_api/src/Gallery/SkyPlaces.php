<?php

declare(strict_types=1);

namespace CrowdSky\Gallery;

use CrowdSky\Chunks\Healpix;
use CrowdSky\Fits\SkyPosition;

/**
 * Counts the places in the sky that stacks show: the fields of those whose stars are known, and of others those that are near
 * no field. A pixel of the sky would not do: a field at the border of two would be two places.
 */
final class SkyPlaces
{
    /** Degrees between the centres of stacks that show one place, as of a field (Stars\StarRegister). */
    private const REACH_DEG = 0.75;

    /**
     * @param array<int, array{float, float}> $fields centres in degrees, by id
     * @param list<array{?float, ?float, ?int}> $others centres in degrees of stacks without a field; where one is not known, its pixel counts
     *     (NSIDE 128, RING), if that is known
     */
    public static function count(array $fields, array $others): int
    {
        $places = array_values(array_filter(array_map(static fn (array $field): ?SkyPosition => SkyPosition::fromDegrees(...$field), $fields)));
        foreach ($others as [$ra, $dec, $pixel]) {
            $place = SkyPosition::fromDegrees($ra, $dec) ?? ($pixel === null ? null : Healpix::centre($pixel));
            if ($place !== null && !self::isNear($place, $places)) {
                $places[] = $place;
            }
        }

        return count($places);
    }

    /** @param list<SkyPosition> $places */
    private static function isNear(SkyPosition $place, array $places): bool
    {
        foreach ($places as $other) {
            if ($place->distanceTo($other) <= self::REACH_DEG) {
                return true;
            }
        }

        return false;
    }
}
