<?php

declare(strict_types=1);

namespace CrowdSky\Stars;

use CrowdSky\Fits\SkyPosition;

/** A star of the archive's own list. */
final class ListedStar
{
    private const MAS = M_PI / 180.0 / 3.6e6;

    public function __construct(
        public readonly int $id,
        /** ICRS, in the year $positionYear */
        public readonly SkyPosition $position,
        public readonly float $positionYear,
        /** mas a year, with the cosine of the declination; both or none are known */
        public readonly ?float $pmRa,
        public readonly ?float $pmDec,
        public readonly ?int $gaiaId,
    ) {
    }

    /** @param array<string, mixed> $row of stars */
    public static function fromRow(array $row): self
    {
        $number = static fn (string $name): ?float => $row[$name] === null ? null : (float) $row[$name];
        return new self(
            id: (int) $row['id'],
            position: SkyPosition::fromDegrees($number('ra_deg'), $number('dec_deg')) ?? throw new \LogicException("Star {$row['id']} is nowhere"),
            positionYear: (float) $row['position_year'],
            pmRa: $number('pm_ra_mas'),
            pmDec: $number('pm_dec_mas'),
            gaiaId: $row['gaia_id'] === null ? null : (int) $row['gaia_id'],
        );
    }

    public function hasMotion(): bool
    {
        return $this->pmRa !== null && $this->pmDec !== null;
    }

    /**
     * Where it is in a year; without a known motion it stays.
     *
     * @param float|null $year null for the year of its position
     * @return array{float, float, float} unit vector
     */
    public function vector(?float $year): array
    {
        $place = $this->position->vector();
        if (!$this->hasMotion() || $year === null) {
            return $place;
        }
        [$ra, $dec] = [deg2rad($this->position->ra), deg2rad($this->position->dec)];
        $east = [-sin($ra), cos($ra), 0.0];
        $north = [-sin($dec) * cos($ra), -sin($dec) * sin($ra), cos($dec)];
        $years = ($year - $this->positionYear) * self::MAS;
        $moved = [];
        foreach ($place as $axis => $value) {
            $moved[$axis] = $value + $years * ((float) $this->pmRa * $east[$axis] + (float) $this->pmDec * $north[$axis]);
        }
        $length = sqrt($moved[0] ** 2 + $moved[1] ** 2 + $moved[2] ** 2);
        return [$moved[0] / $length, $moved[1] / $length, $moved[2] / $length];
    }
}
