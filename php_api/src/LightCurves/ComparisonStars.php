<?php

declare(strict_types=1);

namespace CrowdSky\LightCurves;

use CrowdSky\Calibrations\StarCalibration;
use CrowdSky\Database\Database;
use CrowdSky\Sky\Viewer;
use CrowdSky\Stars\ListedStar;
use CrowdSky\Stars\StarFlag;
use CrowdSky\Stars\StarSearch;

/** Finds the constant stars that are most like another one: near it, as bright, and of its colour. */
final class ComparisonStars
{
    /** What counts as far: degrees, magnitudes, and magnitudes of colour. */
    private const FAR_DEG = 0.25;
    private const FAR_MAG = 1.0;
    private const FAR_COLOUR = 0.3;

    private readonly StarSearch $stars;

    public function __construct(private readonly Database $database)
    {
        $this->stars = new StarSearch($database);
    }

    /**
     * @param StarCalibration $mean of the star, in the calibration and the band that count
     * @return list<ComparisonStar> that the viewer sees, the most similar one first
     */
    public function of(ListedStar $star, StarCalibration $mean, Viewer $viewer, int $most): array
    {
        $rows = $this->database->all(
            'SELECT ' . StarCalibration::COLUMNS . ', t.* FROM star_calibrations c JOIN stars t ON t.id = c.star_id
              WHERE c.calibration_id = ? AND c.band = ? AND c.star_id <> ? AND (c.flags & ?) <> 0
                AND (SELECT k.withdrawn FROM calibrations k WHERE k.id = c.calibration_id) = 0',
            [$mean->calibrationId, $mean->band, $star->id, StarFlag::COMPARISON],
        );
        $found = array_map(static function (array $row) use ($star): ComparisonStar {
            $other = ListedStar::fromRow($row);
            return new ComparisonStar($other, StarCalibration::fromRow($row), $star->position->distanceTo($other->position));
        }, $rows);
        usort($found, static fn (ComparisonStar $one, ComparisonStar $other): int => self::unlike($one, $mean) <=> self::unlike($other, $mean));
        $seen = [];
        foreach ($found as $one) {
            if (count($seen) === $most) {
                break;
            }
            if ($this->stars->find($one->star->id, $viewer) !== null) {
                $seen[] = $one;
            }
        }

        return $seen;
    }

    private static function unlike(ComparisonStar $one, StarCalibration $mean): float
    {
        $colour = $mean->colour === null || $one->mean->colour === null ? 1.0 : ($one->mean->colour - $mean->colour) / self::FAR_COLOUR;

        return ($one->distance / self::FAR_DEG) ** 2 + (($one->mean->mag - $mean->mag) / self::FAR_MAG) ** 2 + $colour ** 2;
    }
}
