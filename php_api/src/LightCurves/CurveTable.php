<?php

declare(strict_types=1);

namespace CrowdSky\LightCurves;

use CrowdSky\Base\Utc;
use CrowdSky\Calibrations\Calibration;
use CrowdSky\Calibrations\StarCalibration;
use CrowdSky\Tables\Column;
use CrowdSky\Tables\ColumnType;
use CrowdSky\Tables\Table;
use CrowdSky\Tables\VoTableFile;

/** A light curve as a table, with what is to be known to use it. */
final class CurveTable
{
    public static function of(LightCurve $curve): Table
    {
        $description = "Light curve of star {$curve->star->id}. A point without calibration has the zero point of its stack alone.";

        return new Table('points', $description, self::columns(), self::facts($curve), self::rows($curve));
    }

    /** @return non-empty-list<Column> */
    private static function columns(): array
    {
        [$real, $integer, $text] = [ColumnType::Real, ColumnType::Integer, ColumnType::Text];

        return [
            new Column('bjd_tdb', $real, 'Weighted mid-exposure at the barycentre, for this star', 'd', 'time.epoch;meta.main', VoTableFile::BARYCENTRIC),
            new Column('mjd_utc', $real, 'The same at the telescope', 'd', 'time.epoch', VoTableFile::TOPOCENTRIC),
            new Column('band', $text, 'TR, TG or TB of a colour camera, CV of a monochrome one', '', 'meta.id;instr.bandpass'),
            new Column('mag', $real, 'Magnitude; unknown where there is no light above the sky', 'mag', 'phot.mag;em.opt'),
            new Column('mag_error', $real, 'Its error: light, scintillation and flat field, zero point, and scatter of the star beyond these', 'mag', 'stat.error;phot.mag;em.opt'),
            new Column('flux', $real, 'Light in the aperture above the sky', 'adu', 'phot.count;em.opt'),
            new Column('flux_error', $real, 'Its error, of the light alone', 'adu', 'stat.error;phot.count;em.opt'),
            new Column('quality', $integer, 'Sum of flags', '', 'meta.code.qual'),
            new Column('stack_id', $integer, 'Stack in which it was measured', '', 'meta.id;obs'),
            new Column('part', $integer, 'Number of the interval in its series, from 1; 0 for a whole stack', '', 'meta.number'),
            new Column('telescope', $text, 'Telescope', '', 'meta.id;instr.tel'),
            new Column('filter', $text, 'Filter before the sensor', '', 'meta.id;instr.filter'),
            new Column('airmass', $real, 'Airmass; of own stacks only', '', 'obs.airMass'),
            new Column('exptime', $real, 'Exposure of all subs together', 's', 'time.duration;obs.exposure'),
            new Column('calibration', $text, 'Version of the calibration of the field; unknown where it is not calibrated yet', '', 'meta.version'),
            new Column('zero_point_error', $real, 'Error of the zero point', 'mag', 'stat.error;arith.zp;phot'),
            new Column('field', $integer, 'Field whose stacks are calibrated together', '', 'meta.id'),
        ];
    }

    /** @return \Generator<int, list<string|int|float|null>> */
    private static function rows(LightCurve $curve): \Generator
    {
        foreach ($curve->points() as $point) {
            yield [
                $point->bjd, $point->mjd, $point->band->publicName(), $point->mag, $point->magError, $point->flux, $point->fluxError,
                $point->quality, $point->stackId, $point->part, $point->telescope, $point->filter, $point->airmass, $point->exposure,
                $point->calibration?->name(), $point->zeroPointError, $point->fieldId,
            ];
        }
    }

    /** @return array<string, mixed> */
    private static function facts(LightCurve $curve): array
    {
        $note = $curve->note();

        $copies = array_map(static fn (int $stack, int $in): array => ['stack_id' => $stack, 'light_in' => $in], array_keys($curve->copies), $curve->copies);

        return ($note === null ? [] : ['note' => $note]) + ($copies === [] ? [] : ['left_out' => $copies]) + [
            'star' => [
                'id' => $curve->star->id,
                'ra_deg' => $curve->star->position->ra,
                'dec_deg' => $curve->star->position->dec,
                'position_year' => $curve->star->positionYear,
                // As a text: a number loses digits in many readers of JSON.
                'gaia_id' => $curve->star->gaiaId === null ? null : (string) $curve->star->gaiaId,
            ],
            'calibrations' => array_map(self::calibration(...), $curve->calibrations),
            'means' => array_map(static fn (StarCalibration $mean): array => self::mean($mean, $curve), $curve->means),
        ];
    }

    /** @return array<string, mixed> */
    private static function calibration(Calibration $calibration): array
    {
        return [
            'field' => $calibration->fieldId,
            'version' => $calibration->name(),
            'created_at' => Utc::wire($calibration->createdAt),
            'catalogue' => $calibration->catalogue,
            'n_epochs' => $calibration->isWithdrawn ? null : $calibration->epochs,
            'n_stars' => $calibration->isWithdrawn ? null : $calibration->stars,
        ] + ($calibration->isWithdrawn ? ['withdrawn' => true] : []);
    }

    /** @return array<string, mixed> */
    private static function mean(StarCalibration $mean, LightCurve $curve): array
    {
        $of = array_filter($curve->calibrations, static fn (Calibration $one): bool => $one->id === $mean->calibrationId);

        return [
            'band' => Band::from($mean->band)->publicName(),
            'mag' => $mean->mag,
            'mag_error' => $mean->error,
            'colour' => $mean->colour,
            'n_epochs' => $mean->epochs,
            'scatter_mag' => $mean->scatter,
            'chi2' => $mean->chi2,
            'extra_mag' => $mean->extra,
            'flags' => $mean->flags,
            'calibration' => $of === [] ? null : reset($of)->name(),
            'field' => $of === [] ? null : reset($of)->fieldId,
        ];
    }
}
