<?php

declare(strict_types=1);

namespace CrowdSky\Calibrations;

use CrowdSky\Base\Refusal;
use CrowdSky\Database\Database;
use CrowdSky\Fits\TableWriter;
use CrowdSky\Sky\Cone;
use CrowdSky\Variables\VariableCatalogues;

/**
 * Writes what a worker needs for a calibration: the epochs of an order, their stars and observations. The same rows give the
 * same bytes. It holds the ids of all stars and one epoch at a time.
 *
 * Nothing in it tells where on Earth somebody observes: the airmass of a night does, and so does a barycentric time with
 * more than six decimals (docs/light-curves.md).
 */
final class ObservationsFile
{
    public const FILTER_CHARACTERS = 16;
    private const BJD_DECIMALS = 6;
    private const BATCH = 500;
    private const EPOCHS = [
        'EPOCH_ID' => 'K', 'MJD' => 'D', 'BJD' => 'D', 'AIRMASS' => 'E', 'EXPTIME' => 'E', 'NSUBS' => 'J', 'TELESCOPE' => '80A',
        'FILTER' => self::FILTER_CHARACTERS . 'A', 'BANDS' => '3A', 'WIDTH' => 'J', 'HEIGHT' => 'J', 'ZP_R' => 'E', 'ZP_G' => 'E', 'ZP_B' => 'E',
        'ZPERR_R' => 'E', 'ZPERR_G' => 'E', 'ZPERR_B' => 'E', 'FWHM' => 'E', 'APRAD' => 'E', 'SCALE' => 'E', 'LIMMAG' => 'E',
        'FITONLY' => 'L',
    ];
    private const STARS = ['STAR_ID' => 'K', 'RA' => 'D', 'DEC' => 'D', 'YEAR' => 'D', 'GAIA_ID' => 'K', 'KNOWN_VARIABLE' => 'L', 'SEARCH' => 'L'];
    private const OBSERVATIONS = [
        'STAR' => 'J', 'EPOCH' => 'J', 'X' => 'E', 'Y' => 'E', 'FLUX_R' => 'E', 'FLUX_G' => 'E', 'FLUX_B' => 'E',
        'ERR_R' => 'E', 'ERR_G' => 'E', 'ERR_B' => 'E', 'FWHM' => 'E', 'FLAGS' => 'I',
    ];

    private const NUMBERS = ['x', 'y', 'flux_r', 'flux_g', 'flux_b', 'error_r', 'error_g', 'error_b', 'fwhm_px'];

    public function __construct(
        private readonly Database $database,
        private readonly OrderedStars $stars,
        private readonly VariableCatalogues $catalogues,
        private readonly TelescopeNames $names,
    ) {
    }

    /**
     * @param resource $stream a new file
     * @throws Refusal when a stack was deleted meanwhile
     */
    public function write(mixed $stream, CalibrationOrder $order): void
    {
        $field = $this->database->one('SELECT ra_deg, dec_deg FROM sky_fields WHERE id = ?', [$order->scope->fieldId]) ?? [];
        $centre = ['RA' => (float) $field['ra_deg'], 'DEC' => (float) $field['dec_deg']];
        $wire = $order->toWire();
        $table = new TableWriter($stream, ['FIELD' => $wire['field']] + $centre + ['SCOPE' => $wire['scope'], 'VERSION' => $wire['version']]);
        $this->writeEpochs($table, $order);
        $ids = $this->stars->ids($order);
        $this->writeStars($table, $ids, $centre);
        $this->writeObservations($table, $order, array_flip($ids));
        $table->end();
    }

    private function writeEpochs(TableWriter $table, CalibrationOrder $order): void
    {
        $table->begin('EPOCHS', self::EPOCHS);
        $count = 0;
        $cameras = $this->cameras(array_values(array_unique($order->copies)));
        foreach (array_chunk(array_keys($order->epochs), self::BATCH) as $batch) {
            $marks = implode(', ', array_fill(0, count($batch), '?'));
            $rows = $this->database->all(
                "SELECT e.*, s.user_id, CASE WHEN u.share_position = 1 THEN e.airmass END AS shown_airmass
                   FROM epochs e JOIN stacked_frames s ON s.id = e.stack_id JOIN users u ON u.id = s.user_id WHERE e.id IN ($marks) ORDER BY e.id",
                $batch,
            );
            foreach ($rows as $row) {
                $table->row($this->epoch($row, $cameras[$order->copies[(int) $row['id']] ?? 0] ?? null));
                $count++;
            }
        }
        self::requireAll($count, count($order->epochs));
    }

    /**
     * @param array<string, mixed> $row of epochs, with the owner of its stack
     * @param array<string, mixed>|null $camera of the epoch that has its light, with which it shares the terms; null without one
     * @return list<int|float|string|bool|null>
     */
    private function epoch(array $row, ?array $camera): array
    {
        return [
            (int) $row['id'],
            (float) $row['mjd_utc'],
            round((float) $row['bjd_tdb'], self::BJD_DECIMALS),
            self::number($row['shown_airmass']),
            self::number($row['exposure_s']),
            (int) $row['n_subs'],
            $this->names->telescope(($camera ?? $row)['telescope'], (int) ($camera ?? $row)['user_id']),
            $this->names->filter(($camera ?? $row)['filter_name']),
            $row['bands'],
            (int) $row['width'],
            (int) $row['height'],
            ...array_map(static fn (string $column): ?float => self::number($row[$column]), [
                'zero_point_r', 'zero_point_g', 'zero_point_b', 'zero_point_error_r', 'zero_point_error_g', 'zero_point_error_b',
                'fwhm_px', 'aperture_px', 'scale_arcsec', 'limiting_mag',
            ]),
            // Its light is in its stack, or in another one, already.
            (int) $row['series_seconds'] > 0 || $camera !== null,
        ];
    }

    /**
     * @param list<int> $epochIds
     * @return array<int, array<string, mixed>> telescope, filter and owner by epoch
     */
    private function cameras(array $epochIds): array
    {
        $found = [];
        foreach (array_chunk($epochIds, self::BATCH) as $batch) {
            $rows = $this->database->all('SELECT e.id, e.telescope, e.filter_name, s.user_id FROM epochs e JOIN stacked_frames s ON s.id = e.stack_id
                WHERE e.id IN (' . implode(', ', $batch) . ')');
            $found += array_column($rows, null, 'id');
        }
        return $found;
    }

    /**
     * @param list<int> $ids
     * @param array{RA: float, DEC: float} $centre
     */
    private function writeStars(TableWriter $table, array $ids, array $centre): void
    {
        $table->begin('STARS', self::STARS);
        $known = KnownVariables::in(Cone::of($centre['RA'], $centre['DEC'], OrderedStars::REACH_DEG), $this->database, $this->catalogues);
        $count = 0;
        foreach ($this->stars->rows($ids) as $row) {
            $count++;
            [$ra, $dec] = [(float) $row['ra_deg'], (float) $row['dec_deg']];
            $table->row([
                (int) $row['id'], $ra, $dec, (float) $row['position_year'], (int) $row['gaia_id'], $known->has($ra, $dec), $row['asked_at'] !== null,
            ]);
        }
        self::requireAll($count, count($ids));
    }

    /** @param array<int, int> $rowOf star */
    private function writeObservations(TableWriter $table, CalibrationOrder $order, array $rowOf): void
    {
        $table->begin('OBSERVATIONS', self::OBSERVATIONS);
        // Of a FLOAT, MariaDB gives six digits, of a sum with a double all that it has.
        $numbers = implode(', ', array_map(static fn (string $name): string => "$name + 0e0 AS $name", self::NUMBERS));
        foreach (array_keys($order->epochs) as $number => $epochId) {
            $rows = $this->database->each(
                "SELECT star_id, $numbers, flags FROM star_observations WHERE epoch_id = ? ORDER BY star_id",
                [$epochId],
            );
            foreach ($rows as $row) {
                $table->row([
                    $rowOf[(int) $row['star_id']],
                    $number,
                    ...array_map(static fn (string $name): ?float => self::number($row[$name]), self::NUMBERS),
                    (int) $row['flags'],
                ]);
            }
        }
    }

    /** Observations name epochs and stars by their rows: with one of these missing, they would be those of others. */
    private static function requireAll(int $count, int $wanted): void
    {
        if ($count !== $wanted) {
            throw Refusal::unusable('A stack of this field was deleted a moment ago; it is calibrated anew with the next look at all fields', 'outdated');
        }
    }

    private static function number(mixed $value): ?float
    {
        return $value === null ? null : (float) $value;
    }
}
