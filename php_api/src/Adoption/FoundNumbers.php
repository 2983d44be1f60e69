<?php

declare(strict_types=1);

namespace CrowdSky\Adoption;

use CrowdSky\Calibrations\CalibrationKeys;
use CrowdSky\Calibrations\Renumbering;
use CrowdSky\Database\Database;
use CrowdSky\Fits\SkyPosition;
use CrowdSky\Stars\FoundStar;
use CrowdSky\Stars\ListedStar;
use CrowdSky\Stars\StarMatching;

/** Finds the epochs and stars of an archived calibration among those of this database, whose numbers are others. */
final class FoundNumbers
{
    private const BATCH = 500;
    /** Arcsec that the place of a star may differ, which is that of the first stack that was read. */
    private const REACH = 4.0;

    public function __construct(private readonly Database $database)
    {
    }

    /** @return array{Renumbering, array<int, array<string, mixed>>} with the rows of the epochs that are here, by the number in the file */
    public function of(CalibrationKeys $keys): array
    {
        $epochs = $this->epochs($keys);
        $ids = array_map(static fn (array $row): int => (int) $row['id'], $epochs);
        return [new Renumbering($ids, $this->stars($keys, array_values($ids))), $epochs];
    }

    /** @return array<int, array<string, mixed>> */
    private function epochs(CalibrationKeys $keys): array
    {
        $here = [];
        $hashes = array_values(array_unique(array_column($keys->epochs, 'STACK')));
        foreach (array_chunk($hashes, self::BATCH) as $batch) {
            $marks = implode(', ', array_fill(0, count($batch), '?'));
            $sql = "SELECT id, field_id, bands, source_sha256, series_seconds, part FROM epochs WHERE source_sha256 IN ($marks) AND reason IS NULL";
            foreach ($this->database->all($sql, $batch) as $row) {
                $here["{$row['source_sha256']} {$row['series_seconds']} {$row['part']}"] = $row;
            }
        }
        $found = [];
        foreach ($keys->epochs as $number => $row) {
            $found[$number] = $here["{$row['STACK']} {$row['SERIES']} {$row['PART']}"] ?? null;
        }
        return array_filter($found);
    }

    /**
     * @param list<int> $epochs here
     * @return array<int, int>
     */
    private function stars(CalibrationKeys $keys, array $epochs): array
    {
        $listed = $this->listed($epochs);
        [$found, $numbers, $years] = [[], [], []];
        foreach ($keys->stars as $number => $row) {
            $position = SkyPosition::fromDegrees($row['RA'], $row['DEC']);
            if ($position !== null) {
                $found[] = new FoundStar(
                    position: $position,
                    x: 0.0,
                    y: 0.0,
                    fluxes: [],
                    errors: [],
                    fwhm: null,
                    flags: 0,
                    gaiaId: $row['GAIA_ID'] ?: null,
                    pmRa: null,
                    pmDec: null,
                    isInCatalogue: false,
                );
                $numbers[] = $number;
                $years[] = (float) $row['YEAR'];
            }
        }
        sort($years);
        $partners = StarMatching::of($found, $listed, $years[intdiv(count($years), 2)] ?? null, self::REACH)->partners;
        $stars = [];
        foreach ($numbers as $at => $number) {
            if ($partners[$at] !== null) {
                $stars[$number] = $partners[$at]->id;
            }
        }
        return $stars;
    }

    /**
     * @param list<int> $epochs
     * @return list<ListedStar> that they see
     */
    private function listed(array $epochs): array
    {
        $stars = [];
        foreach ($epochs as $epoch) {
            $stars += array_flip($this->database->column('SELECT star_id FROM star_observations WHERE epoch_id = ?', [$epoch]));
        }
        $listed = [];
        foreach (array_chunk(array_keys($stars), self::BATCH) as $batch) {
            $rows = $this->database->all('SELECT * FROM stars WHERE id IN (' . implode(', ', $batch) . ') ORDER BY id');
            array_push($listed, ...array_map(ListedStar::fromRow(...), $rows));
        }
        return $listed;
    }
}
