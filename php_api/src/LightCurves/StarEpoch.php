<?php

declare(strict_types=1);

namespace CrowdSky\LightCurves;

use CrowdSky\Calibrations\ZeroPoint;

/** A stack in which a star was measured, and how its light is to be compared with that of others. */
final class StarEpoch
{
    private function __construct(
        public readonly int $id,
        public readonly int $stackId,
        public readonly ?int $fieldId,
        public readonly ?float $mjd,
        public readonly ?float $limitingMag,
        /** @var array<string, float|null> magnitude of one ADU by plane of the stack */
        public readonly array $zeroPoints,
        /** arcsec per pixel */
        public readonly ?float $scale,
    ) {
    }

    /** @param array<string, mixed> $row of epochs */
    public static function fromRow(array $row): self
    {
        $number = static fn (mixed $value): ?float => $value === null ? null : (float) $value;
        $green = $number($row['zero_point_g']);

        return new self(
            id: (int) $row['id'],
            stackId: (int) $row['stack_id'],
            fieldId: $row['field_id'] === null ? null : (int) $row['field_id'],
            mjd: $number($row['mjd_utc']),
            limitingMag: $number($row['limiting_mag']),
            zeroPoints: ['RED' => $number($row['zero_point_r']), 'GREEN' => $green, 'BLUE' => $number($row['zero_point_b']), 'LUM' => $green],
            scale: $number($row['scale_arcsec']),
        );
    }

    /** @param array<string, ZeroPoint> $zeroPoints of a calibration, by band; they replace those of the stack alone */
    public function calibratedBy(array $zeroPoints): self
    {
        $planes = [];
        foreach (['RED' => ['R'], 'GREEN' => ['G', 'L'], 'BLUE' => ['B'], 'LUM' => ['L', 'G']] as $plane => $bands) {
            $found = array_values(array_intersect_key($zeroPoints, array_flip($bands)));
            $planes[$plane] = ($found[0] ?? null)?->zeroPoint;
        }

        return new self($this->id, $this->stackId, $this->fieldId, $this->mjd, $this->limitingMag, $planes, $this->scale);
    }

    /**
     * @return array<string, float> by plane, ADU of a pixel here for each ADU there, of the same light from the sky;
     *     planes of which that is not known are left out
     */
    public function aduFor(self $other): array
    {
        $area = $this->scale === null || $other->scale === null ? null : ($this->scale / $other->scale) ** 2;
        $factors = [];
        foreach ($this->zeroPoints as $plane => $zeroPoint) {
            if ($area !== null && $zeroPoint !== null && $other->zeroPoints[$plane] !== null) {
                $factors[$plane] = $area * 10.0 ** (0.4 * ($zeroPoint - $other->zeroPoints[$plane]));
            }
        }

        return $factors;
    }
}
