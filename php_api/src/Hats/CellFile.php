<?php

declare(strict_types=1);

namespace CrowdSky\Hats;

use CrowdSky\Calibrations\Calibration;
use CrowdSky\Calibrations\CalibrationChoice;
use CrowdSky\Fits\CardTable;
use CrowdSky\Fits\TableWriter;
use CrowdSky\Sky\Viewer;

/**
 * Writes what a worker makes a partition of, as FITS tables; crowdsky/hats/cell.py reads them.
 *
 * Like light curves, it has neither the airmass nor all digits of the barycentric time: they tell where a stack was taken.
 */
final class CellFile
{
    private const OBSERVATIONS = ['STAR' => 'J', 'EPOCH' => 'J', 'X' => 'D', 'Y' => 'D', 'FLUX_R' => 'D', 'FLUX_G' => 'D', 'FLUX_B' => 'D',
        'ERR_R' => 'D', 'ERR_G' => 'D', 'ERR_B' => 'D', 'FLAGS' => 'J'];
    private const STARS = ['STAR_ID' => 'K', 'RA' => 'D', 'DEC' => 'D', 'YEAR' => 'D', 'PM_RA' => 'D', 'PM_DEC' => 'D', 'GAIA_ID' => 'K'];
    private const STARMAGS = ['STAR' => 'J', 'CALIB' => 'J', 'BAND' => '1A', 'MAG' => 'D', 'ERR' => 'D', 'COLOUR' => 'D', 'N' => 'J',
        'SCATTER' => 'D', 'CHI2' => 'D', 'EXTRA' => 'D', 'FLAGS' => 'J'];
    private const VARIABLES = ['STAR' => 'J', 'CALIB' => 'J', 'BAND' => '1A', 'KIND' => '20A', 'SCORE' => 'D', 'AMPLITUDE' => 'D', 'PERIOD' => 'D',
        'PERIOD_ERR' => 'D', 'FAP' => 'D', 'T0' => 'D'];
    private const EPOCHS = ['EPOCH_ID' => 'K', 'STACK_ID' => 'K', 'SERIES' => 'J', 'PART' => 'J', 'FIELD' => 'K', 'MJD' => 'D', 'BJD' => 'D',
        'RA' => 'D', 'DEC' => 'D', 'EXPTIME' => 'D', 'TELESCOPE' => '80A', 'FILTER' => '32A', 'BANDS' => '3A', 'WIDTH' => 'J', 'HEIGHT' => 'J',
        'ZP_R' => 'D', 'ZP_G' => 'D', 'ZP_B' => 'D', 'ZPERR_R' => 'D', 'ZPERR_G' => 'D', 'ZPERR_B' => 'D'];
    private const ZEROPTS = ['EPOCH' => 'J', 'CALIB' => 'J', 'BAND' => '1A', 'ZP' => 'D', 'ZPERR' => 'D', 'CTERM' => 'D', 'U' => 'D', 'V' => 'D',
        'UU' => 'D', 'UV' => 'D', 'VV' => 'D', 'FLOOR' => 'D'];
    private const CALIBRATIONS = ['FIELD' => 'K', 'VERSION' => 'J'];
    /** Decimals of a day. */
    private const MJD_DECIMALS = 8;
    private const BJD_DECIMALS = 6;
    private const BATCH = 500;

    public function __construct(private readonly CellRows $rows, private readonly CalibrationChoice $choice)
    {
    }

    /**
     * @param string $fingerprint of what the partition is built of now
     * @param resource $stream where one can seek
     */
    public function write(HatsCell $cell, string $fingerprint, mixed $stream): void
    {
        $writer = new TableWriter($stream, ['ORDER' => $cell->order, 'PIXEL' => $cell->pixel, 'LAYOUT' => HatsPlan::LAYOUT, 'CONTENT' => $fingerprint]);
        $epochs = $this->rows->epochs($cell);
        $stars = $this->writeObservations($writer, $cell, $epochs);
        $this->writeStars($writer, $stars);
        $calibrations = $this->calibrations($epochs);
        $this->writeEpochs($writer, array_keys($epochs));
        $this->writeZeroPoints($writer, $epochs, $calibrations);
        $this->writeStarMagnitudes($writer, $stars, $calibrations);
        $this->writeVariables($writer, $stars, $calibrations);
        $writer->begin('CALIBRATIONS', self::CALIBRATIONS);
        foreach ($calibrations as $calibration) {
            $writer->row([$calibration->fieldId, $calibration->version]);
        }
        $writer->end();
    }

    /**
     * @param array<int, CellEpoch> $epochs by id
     * @return list<int> ids of the stars, each at the place that the table names
     */
    private function writeObservations(TableWriter $writer, HatsCell $cell, array $epochs): array
    {
        $writer->begin('OBSERVATIONS', self::OBSERVATIONS);
        [$stars, $last] = [[], null];
        foreach ($this->rows->observations($cell, $epochs) as $row) {
            if ((int) $row['star_id'] !== $last) {
                $stars[] = $last = (int) $row['star_id'];
            }
            $writer->row([
                count($stars) - 1, $epochs[(int) $row['epoch_id']]->place, (float) $row['x'], (float) $row['y'],
                $row['flux_r'], $row['flux_g'], $row['flux_b'], $row['error_r'], $row['error_g'], $row['error_b'], (int) $row['flags'],
            ]);
        }
        return $stars;
    }

    /** @param list<int> $stars */
    private function writeStars(TableWriter $writer, array $stars): void
    {
        $writer->begin('STARS', self::STARS);
        foreach ($this->rows->stars($stars) as $row) {
            $writer->row([
                (int) $row['id'], (float) $row['ra_deg'], (float) $row['dec_deg'], (float) $row['position_year'],
                $row['pm_ra_mas'], $row['pm_dec_mas'], (int) ($row['gaia_id'] ?? 0),
            ]);
        }
    }

    /**
     * @param array<int, CellEpoch> $epochs
     * @return list<Calibration> the newest public one of each field, without those of which a stack was withdrawn
     */
    private function calibrations(array $epochs): array
    {
        $fields = array_unique(array_filter(array_map(static fn (CellEpoch $epoch): int => $epoch->fieldId, $epochs)));
        sort($fields);
        return array_merge(...array_map(fn (int $field): array => $this->choice->shownTo($field, Viewer::public()), $fields));
    }

    /** @param list<int> $ids */
    private function writeEpochs(TableWriter $writer, array $ids): void
    {
        $writer->begin('EPOCHS', self::EPOCHS);
        foreach ($this->rows->epochRows($ids) as $row) {
            $writer->row([
                (int) $row['id'], (int) $row['stack_id'], (int) $row['series_seconds'], (int) $row['part'], (int) $row['field_id'],
                self::rounded($row['mjd_utc'], self::MJD_DECIMALS), self::rounded($row['bjd_tdb'], self::BJD_DECIMALS),
                $row['ra_deg'], $row['dec_deg'], $row['exposure_s'],
                CardTable::get()->publicText('TELESCOP', $row['telescope']), CardTable::get()->publicText('FILTER', $row['filter_name']),
                rtrim($row['bands']), (int) $row['width'], (int) $row['height'],
                $row['zero_point_r'], $row['zero_point_g'], $row['zero_point_b'],
                $row['zero_point_error_r'], $row['zero_point_error_g'], $row['zero_point_error_b'],
            ]);
        }
    }

    /**
     * @param array<int, CellEpoch> $epochs by id
     * @param list<Calibration> $calibrations
     */
    private function writeZeroPoints(TableWriter $writer, array $epochs, array $calibrations): void
    {
        $writer->begin('ZEROPTS', self::ZEROPTS);
        foreach ($calibrations as $at => $calibration) {
            $ofField = array_keys(array_filter($epochs, static fn (CellEpoch $epoch): bool => $epoch->fieldId === $calibration->fieldId));
            foreach (array_chunk($ofField, self::BATCH) as $batch) {
                foreach ($this->choice->zeroPoints([$calibration], $batch) as $epoch => $bands) {
                    foreach ($bands as $band => $zero) {
                        $writer->row([
                            $epochs[$epoch]->place, $at, $band, $zero->zeroPoint, $zero->error, $zero->colourTerm, ...array_values($zero->terms),
                            $zero->floor,
                        ]);
                    }
                }
            }
        }
    }

    /**
     * @param list<int> $stars
     * @param list<Calibration> $calibrations
     */
    private function writeStarMagnitudes(TableWriter $writer, array $stars, array $calibrations): void
    {
        $writer->begin('STARMAGS', self::STARMAGS);
        $places = array_flip($stars);
        foreach ($calibrations as $at => $calibration) {
            foreach ($this->choice->stars($calibration, $stars) as $star => $bands) {
                foreach ($bands as $band => $mean) {
                    $writer->row([
                        $places[$star], $at, $band, $mean->mag, $mean->error, $mean->colour, $mean->epochs, $mean->scatter, $mean->chi2,
                        $mean->extra, $mean->flags,
                    ]);
                }
            }
        }
    }

    /**
     * @param list<int> $stars
     * @param list<Calibration> $calibrations
     */
    private function writeVariables(TableWriter $writer, array $stars, array $calibrations): void
    {
        $writer->begin('VARIABLES', self::VARIABLES);
        $places = array_flip($stars);
        foreach ($calibrations as $at => $calibration) {
            foreach ($this->rows->variables($calibration->id, $stars) as $row) {
                $writer->row([
                    $places[(int) $row['star_id']], $at, $row['band'], $row['kind'], (float) $row['score'], $row['amplitude_mag'],
                    $row['period_d'], $row['period_error_d'], $row['period_fap'], $row['t0_bjd'],
                ]);
            }
        }
    }

    private static function rounded(mixed $value, int $decimals): ?float
    {
        return $value === null ? null : round((float) $value, $decimals);
    }
}
