<?php

declare(strict_types=1);

namespace CrowdSky\Calibrations;

/** The zero point of an epoch in one band, as a calibration has it. All in magnitudes. */
final class ZeroPoint
{
    // 0e0: see Observation.
    public const COLUMNS = 'calibration_id, epoch_id, band, zero_point, zero_point_error + 0e0 AS zero_point_error,
        colour_term + 0e0 AS colour_term, u_term + 0e0 AS u_term, v_term + 0e0 AS v_term, uu_term + 0e0 AS uu_term,
        uv_term + 0e0 AS uv_term, vv_term + 0e0 AS vv_term, floor_mag + 0e0 AS floor_mag, n_stars';

    private function __construct(
        public readonly int $calibrationId,
        public readonly int $epochId,
        /** R, G, B or L */
        public readonly string $band,
        public readonly float $zeroPoint,
        public readonly float $error,
        /** error that no light reduces: scintillation and flat field */
        public readonly float $floor,
        /** per magnitude of colour */
        public readonly float $colourTerm,
        /** @var array{u: float, v: float, uu: float, uv: float, vv: float} slow changes across the picture */
        public readonly array $terms,
        /** that it follows from */
        public readonly int $stars,
    ) {
    }

    /** @param array<string, mixed> $row of COLUMNS */
    public static function fromRow(array $row): self
    {
        return new self(
            calibrationId: (int) $row['calibration_id'],
            epochId: (int) $row['epoch_id'],
            band: $row['band'],
            zeroPoint: (float) $row['zero_point'],
            error: (float) $row['zero_point_error'],
            floor: (float) $row['floor_mag'],
            colourTerm: (float) $row['colour_term'],
            terms: [
                'u' => (float) $row['u_term'],
                'v' => (float) $row['v_term'],
                'uu' => (float) $row['uu_term'],
                'uv' => (float) $row['uv_term'],
                'vv' => (float) $row['vv_term'],
            ],
            stars: (int) $row['n_stars'],
        );
    }

    /**
     * What is added to -2.5 log10(flux) of a star.
     *
     * @param float $x of the star, pixels from 0, in a picture of $width by $height; $y likewise
     * @param float|null $colour as the calibration has it; null is unknown, then the colour term is left out
     */
    public function at(float $x, float $y, int $width, int $height, ?float $colour): float
    {
        $u = $width > 1 ? 2 * $x / ($width - 1) - 1 : 0.0;
        $v = $height > 1 ? 2 * $y / ($height - 1) - 1 : 0.0;
        $terms = $this->terms;
        return $this->zeroPoint + $this->colourTerm * ($colour ?? 0.0) + $terms['u'] * $u + $terms['v'] * $v
            + $terms['uu'] * $u * $u + $terms['uv'] * $u * $v + $terms['vv'] * $v * $v;
    }
}
