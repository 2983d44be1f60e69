<?php

declare(strict_types=1);

namespace CrowdSky\LightCurves;

use CrowdSky\Calibrations\StarCalibration;
use CrowdSky\Calibrations\ZeroPoint;

/**
 * A magnitude and its error, from light in ADU.
 *
 * The error joins that of the light, the floor of the epoch (scintillation, flat field), that of the zero point and what
 * the star scatters beyond the model.
 */
final class Magnitude
{
    /** 2.5 / ln(10): magnitudes of a small relative change of light */
    private const MAGS = 1.0857362047581296;

    private function __construct(public readonly float $mag, public readonly ?float $error)
    {
    }

    /**
     * By an ensemble.
     *
     * @param array<string, mixed> $row with x, y, width and height
     * @param StarCalibration|null $star null for a star that the calibration does not have
     */
    public static function calibrated(float $flux, ?float $fluxError, array $row, ZeroPoint $zero, ?StarCalibration $star): self
    {
        $added = $zero->at((float) $row['x'], (float) $row['y'], (int) $row['width'], (int) $row['height'], $star?->colour);

        return new self(-2.5 * log10($flux) + $added, self::error($flux, $fluxError, $zero->floor, $zero->error, $star->extra ?? 0.0));
    }

    /** By the zero point of the stack alone. */
    public static function ofStack(float $flux, ?float $fluxError, float $zeroPoint, ?float $zeroPointError): self
    {
        $error = $zeroPointError === null ? null : self::error($flux, $fluxError, $zeroPointError);

        return new self(-2.5 * log10($flux) + $zeroPoint, $error);
    }

    private static function error(float $flux, ?float $fluxError, float ...$further): ?float
    {
        $squares = array_map(static fn (float $error): float => $error ** 2, $further);

        return $fluxError === null ? null : sqrt((self::MAGS * $fluxError / $flux) ** 2 + array_sum($squares));
    }
}
