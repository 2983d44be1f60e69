<?php

declare(strict_types=1);

namespace CrowdSky\Measurements;

use CrowdSky\Fits\SkyPosition;

/**
 * The gnomonic projection of a solved picture, from the sky to its pixels (Calabretta & Greisen 2002, A&A 395, 1077).
 */
final class TanProjection
{
    private function __construct(
        private readonly SkyPosition $reference,
        /** @var array{float, float} pixel of the reference; the first pixel is 0 */
        private readonly array $origin,
        /** @var array{float, float, float, float} degrees per pixel, by rows */
        private readonly array $cd,
    ) {
    }

    /** @return self|null null when the solution gives no such projection */
    public static function of(PlateSolution $solution): ?self
    {
        [$crval, $crpix, $cd] = [$solution->wcs['crval'] ?? [], $solution->wcs['crpix'] ?? [], $solution->wcs['cd'] ?? []];
        $reference = count($crval) === 2 ? SkyPosition::fromDegrees((float) $crval[0], (float) $crval[1]) : null;
        if ($reference === null || count($crpix) !== 2 || count($cd) !== 4 || $cd[0] * $cd[3] === $cd[1] * $cd[2]) {
            return null;
        }

        return new self($reference, [$crpix[0] - 1.0, $crpix[1] - 1.0], array_map(floatval(...), $cd));
    }

    /** @return array{float, float}|null x and y, the centre of the first pixel is 0; null for the other half of the sky */
    public function pixelOf(SkyPosition $position): ?array
    {
        $turn = deg2rad($position->ra - $this->reference->ra);
        [$dec, $dec0] = [deg2rad($position->dec), deg2rad($this->reference->dec)];
        $toCentre = sin($dec0) * sin($dec) + cos($dec0) * cos($dec) * cos($turn);
        if ($toCentre <= 0.0) {
            return null;
        }
        $xi = rad2deg(cos($dec) * sin($turn) / $toCentre);
        $eta = rad2deg((cos($dec0) * sin($dec) - sin($dec0) * cos($dec) * cos($turn)) / $toCentre);
        [$a, $b, $c, $d] = $this->cd;
        $determinant = $a * $d - $b * $c;

        return [
            $this->origin[0] + ($d * $xi - $b * $eta) / $determinant,
            $this->origin[1] + ($a * $eta - $c * $xi) / $determinant,
        ];
    }
}
