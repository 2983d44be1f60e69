<?php

declare(strict_types=1);

namespace CrowdSky\LightCurves;

use CrowdSky\Fits\SkyPosition;

/** A star of the archive's list. */
final class Star
{
    public function __construct(
        public readonly int $id,
        /** ICRS, in the year */
        public readonly SkyPosition $position,
        public readonly float $positionYear,
        /** text: it has more digits than a number in JSON keeps everywhere */
        public readonly ?string $gaiaId,
    ) {
    }

    /** @param array<string, mixed> $row of stars */
    public static function fromRow(array $row): self
    {
        return new self(
            id: (int) $row['id'],
            position: SkyPosition::fromDegrees((float) $row['ra_deg'], (float) $row['dec_deg'])
                ?? throw new \UnexpectedValueException("The star {$row['id']} has no position"),
            positionYear: (float) $row['position_year'],
            gaiaId: $row['gaia_id'] === null ? null : (string) $row['gaia_id'],
        );
    }
}
