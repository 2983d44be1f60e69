<?php

declare(strict_types=1);

namespace CrowdSky\Results;

use CrowdSky\Chunks\Healpix;
use CrowdSky\Fits\SkyPosition;
use CrowdSky\Measurements\Measurement;
use CrowdSky\Measurements\ObjectName;
use CrowdSky\Measurements\Photometry;

/** The columns of stacked_frames that repeat other facts of a stack in the form in which it is searched for. */
final class StackIndex
{
    /** Value of sky_pixel for stacks whose columns have not been written yet. */
    public const NOT_YET = -1;

    /**
     * @param float|null $ra degrees, ICRS
     * @return array{sky_pixel: ?int, sky_x: ?float, sky_y: ?float, sky_z: ?float}
     */
    public static function place(?float $ra, ?float $dec): array
    {
        $position = SkyPosition::fromDegrees($ra, $dec);
        [$x, $y, $z] = $position?->vector() ?? [null, null, null];

        return [
            'sky_pixel' => $position === null ? null : Healpix::ringPixel($position),
            'sky_x' => $x,
            'sky_y' => $y,
            'sky_z' => $z,
        ];
    }

    /**
     * @param string $healpixKey key of the stack's chunk, such as `20250115.78_HP061302`
     * @return array{key_pixel: ?int, object_key: ?string}
     */
    public static function labels(string $healpixKey, ?string $objectName): array
    {
        $hasPixel = preg_match('/_HP(\d{6})$/D', $healpixKey, $match) === 1;

        return ['key_pixel' => $hasPixel ? (int) $match[1] : null, 'object_key' => ObjectName::key($objectName)];
    }

    /** @return array{limiting_mag: ?float, sky_mag: ?float, fwhm_arcsec: ?float} mag, mag/arcsec2, and arcsec */
    public static function depth(?Photometry $photometry): array
    {
        return [
            'limiting_mag' => $photometry?->get('limiting_mag'),
            'sky_mag' => $photometry?->get('sky_mag_arcsec2'),
            'fwhm_arcsec' => self::starWidth($photometry),
        ];
    }

    /** The FWHM of the stars in green, which most of the pixels have measured; else in red or blue. */
    private static function starWidth(?Photometry $photometry): ?float
    {
        foreach (['g', 'r', 'b'] as $plane) {
            $width = $photometry?->get('fwhm_arcsec', $plane);
            if ($width !== null) {
                return $width;
            }
        }

        return null;
    }

    /** @return array<string, ?float> place and depth of a stack that was measured, or reported without measuring */
    public static function measured(?float $ra, ?float $dec, ?Measurement $measurement): array
    {
        return self::place($ra, $dec) + self::depth($measurement?->photometry);
    }
}
