<?php

declare(strict_types=1);

namespace CrowdSky\LightCurves;

use CrowdSky\Calibrations\StarCalibration;
use CrowdSky\Calibrations\ZeroPoint;
use CrowdSky\Stars\Observation;
use CrowdSky\Stars\StarFlag;

/**
 * A magnitude and its error, from light in ADU.
 *
 * The error joins that of the light, the floor of the epoch (scintillation, flat field), that of the zero point and what
 * the star scatters beyond the model. The zero point follows the noise of the comparison stars, whose magnitudes are
 * better by its error for that, and not worse.
 */
final class Magnitude
{
    /** 2.5 / ln(10): magnitudes of a small relative change of light */
    private const MAGS = 1.0857362047581296;

    private function __construct(public readonly float $mag, public readonly ?float $error)
    {
    }

    /**
     * @param Observation $seen with light in the band
     * @param ZeroPoint|null $zero null for the zero point of the stack alone
     * @param StarCalibration|null $star null for a star that the calibration does not have
     * @return self|null null where no zero point is known
     */
    public static function of(Observation $seen, string $letter, ?ZeroPoint $zero, ?StarCalibration $star): ?self
    {
        $flux = (float) $seen->fluxes[$letter];
        $light = $seen->errors[$letter] === null ? null : self::MAGS * $seen->errors[$letter] / $flux;
        if ($zero !== null) {
            $added = $zero->at($seen->x, $seen->y, $seen->width ?? 0, $seen->height ?? 0, $star?->colour);

            return self::joined($flux, $added, $light, self::ofEpoch($zero, $star), $star->extra ?? 0.0);
        }
        $zeroPoint = $seen->zeroPoints[$letter];

        return $zeroPoint === null ? null : self::joined($flux, $zeroPoint, $light, $seen->zeroPointErrors[$letter], 0.0);
    }

    /** Floor and zero point together. */
    private static function ofEpoch(ZeroPoint $zero, ?StarCalibration $star): float
    {
        $follows = (($star->flags ?? 0) & StarFlag::COMPARISON) !== 0;

        return sqrt(max(0.0, $zero->floor ** 2 + ($follows ? -1 : 1) * $zero->error ** 2));
    }

    /** Its error is unknown where that of the light or of the epoch is. */
    private static function joined(float $flux, float $added, ?float $light, ?float $ofEpoch, float $extra): self
    {
        $squares = $light === null || $ofEpoch === null ? NAN : $light * $light + $ofEpoch * $ofEpoch + $extra * $extra;

        return new self(-2.5 * log10($flux) + $added, is_finite($squares) ? sqrt($squares) : null);
    }
}
