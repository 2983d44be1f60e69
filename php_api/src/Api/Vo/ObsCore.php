<?php

declare(strict_types=1);

namespace CrowdSky\Api\Vo;

use CrowdSky\Custody\CustodyServices;
use CrowdSky\Kernel\App;
use CrowdSky\Sky\SolvedStack;
use CrowdSky\Tables\VoField;

/** A stack as ObsCore 1.1 describes an observation. */
final class ObsCore
{
    public const COLLECTION = 'CrowdSky';
    public const FACILITY = 'CrowdSky';
    public const PRODUCT_TYPE = 'image';
    /** Science ready data, with instrument signature removed. */
    public const CALIBRATION_LEVEL = 2;
    public const FORMAT = 'application/fits';
    private const PLANES = 3;

    public static function table(): VoTable
    {
        return new VoTable('stacks', 'Public stacks of the archive, in the columns of ObsCore 1.1', array_map(
            static fn (array $column): VoField => new VoField(
                name: $column[0],
                type: $column[1],
                unit: $column[2],
                ucd: $column[3],
                utype: "obscore:$column[4]",
                description: $column[5],
                ref: $column[6] ?? '',
                xtype: $column[7] ?? '',
            ),
            self::COLUMNS,
        ));
    }

    /** @return list<string|int|float|bool|null> */
    public static function row(SolvedStack $stack, string $archiveId, StackAddresses $addresses): array
    {
        $band = $stack->band();
        return [
            self::PRODUCT_TYPE,
            self::CALIBRATION_LEVEL,
            self::COLLECTION,
            "stack-{$stack->id}",
            self::identifier($archiveId, $stack->id),
            $addresses->file($stack->id),
            self::FORMAT,
            intdiv($stack->bytes + 999, 1000),
            $stack->target,
            $stack->ra,
            $stack->dec,
            $stack->footprint === null ? null : 2.0 * $stack->footprint->radius(),
            self::region($stack),
            $stack->seeing(),
            $stack->scale,
            $stack->width,
            $stack->height,
            $stack->start,
            $stack->end,
            $stack->exposure,
            $stack->exposure,
            1,
            $band[0] ?? null,
            $band[1] ?? null,
            $band === null ? null : ($band[0] + $band[1]) / 2.0 / ($band[1] - $band[0]),
            self::PLANES,
            'phot.count;em.opt',
            0,
            null,
            self::FACILITY,
            $stack->telescope,
            $stack->filter,
            $addresses->thumbnail($stack->id),
        ];
    }

    /** Name of a stack among all archives; no registry knows it. */
    public static function identifier(string $archiveId, int $stackId): string
    {
        return "ivo://crowdsky.$archiveId/stacks?$stackId";
    }

    public static function archiveId(App $app): string
    {
        return CustodyServices::of($app)->ids()->oldest();
    }

    private static function region(SolvedStack $stack): ?string
    {
        $words = ['POLYGON ICRS'];
        foreach ($stack->footprint->corners ?? [] as $corner) {
            array_push($words, json_encode($corner->ra, JSON_THROW_ON_ERROR), json_encode($corner->dec, JSON_THROW_ON_ERROR));
        }
        return $stack->footprint === null ? null : implode(' ', $words);
    }

    /** Name, type, unit, UCD, Utype, description, system, kind of text. */
    private const COLUMNS = [
        ['dataproduct_type', 'char', '', 'meta.code.class', 'ObsDataset.dataProductType', 'Kind of data'],
        ['calib_level', 'int', '', 'meta.code;obs.calib', 'ObsDataset.calibLevel', 'Calibration level, 0 to 4'],
        ['obs_collection', 'char', '', 'meta.id', 'DataID.collection', 'Collection'],
        ['obs_id', 'char', '', 'meta.id', 'DataID.observationID', 'The stack'],
        ['obs_publisher_did', 'char', '', 'meta.ref.ivoid', 'Curation.publisherDID', 'The stack among all archives'],
        ['access_url', 'char', '', 'meta.ref.url', 'Access.reference', 'The stack as FITS; needs a key'],
        ['access_format', 'char', '', 'meta.code.mime', 'Access.format', 'Media type of the file'],
        ['access_estsize', 'long', 'kbyte', 'phys.size;meta.file', 'Access.size', 'Size of the file'],
        ['target_name', 'unicodeChar', '', 'meta.id;src', 'Target.name', 'Known target that its owner named'],
        ['s_ra', 'double', 'deg', 'pos.eq.ra', 'Char.SpatialAxis.Coverage.Location.Coord.Position2D.Value2.C1', 'Right ascension of its middle, ICRS', 'icrs'],
        ['s_dec', 'double', 'deg', 'pos.eq.dec', 'Char.SpatialAxis.Coverage.Location.Coord.Position2D.Value2.C2', 'Declination of its middle, ICRS', 'icrs'],
        ['s_fov', 'double', 'deg', 'phys.angSize;instr.fov', 'Char.SpatialAxis.Coverage.Bounds.Extent.diameter', 'Diameter of the circle around it'],
        ['s_region', 'char', '', 'pos.outline;obs.field', 'Char.SpatialAxis.Coverage.Support.Area', 'Outline', 'icrs', 'adql:REGION'],
        ['s_resolution', 'double', 'arcsec', 'pos.angResolution', 'Char.SpatialAxis.Resolution.Refval.value', 'Full width at half maximum of a star, green'],
        ['s_pixel_scale', 'double', 'arcsec', 'phys.angSize;instr.pixel', 'Char.SpatialAxis.Sampling.RefVal.SamplingPeriod', 'Width of a pixel'],
        ['s_xel1', 'long', '', 'meta.number', 'Char.SpatialAxis.numBins1', 'Pixels in a row'],
        ['s_xel2', 'long', '', 'meta.number', 'Char.SpatialAxis.numBins2', 'Pixels in a column'],
        ['t_min', 'double', 'd', 'time.start;obs.exposure', 'Char.TimeAxis.Coverage.Bounds.Limits.StartTime', 'Start of the first sub, MJD', 'utc'],
        ['t_max', 'double', 'd', 'time.end;obs.exposure', 'Char.TimeAxis.Coverage.Bounds.Limits.StopTime', 'End of the last sub, MJD', 'utc'],
        ['t_exptime', 'double', 's', 'time.duration;obs.exposure', 'Char.TimeAxis.Coverage.Support.Extent', 'Exposure of all subs together'],
        ['t_resolution', 'double', 's', 'time.resolution', 'Char.TimeAxis.Resolution.Refval.value', 'Exposure of all subs together: times within it are lost'],
        ['t_xel', 'long', '', 'meta.number', 'Char.TimeAxis.numBins', 'Samples in time'],
        ['em_min', 'double', 'm', 'em.wl;stat.min', 'Char.SpectralAxis.Coverage.Bounds.Limits.LoLimit', 'Shortest wavelength that its filter lets through'],
        ['em_max', 'double', 'm', 'em.wl;stat.max', 'Char.SpectralAxis.Coverage.Bounds.Limits.HiLimit', 'Longest wavelength that its filter lets through'],
        ['em_res_power', 'double', '', 'spect.resolution', 'Char.SpectralAxis.Resolution.ResolPower.refVal', 'Mean wavelength over width of the band'],
        ['em_xel', 'long', '', 'meta.number', 'Char.SpectralAxis.numBins', 'Colour planes'],
        ['o_ucd', 'char', '', 'meta.ucd', 'Char.ObservableAxis.ucd', 'What its pixels hold'],
        ['pol_xel', 'long', '', 'meta.number', 'Char.PolarizationAxis.numBins', 'Polarisation states'],
        ['pol_states', 'char', '', 'meta.code;phys.polarization', 'Char.PolarizationAxis.stateList', 'Polarisation states'],
        ['facility_name', 'char', '', 'meta.id;instr.tel', 'Provenance.ObsConfig.Facility.name', 'Whose archive it is in'],
        ['instrument_name', 'unicodeChar', '', 'meta.id;instr', 'Provenance.ObsConfig.Instrument.name', 'Model and unit of the telescope'],
        ['filter', 'unicodeChar', '', 'meta.id;instr.filter', 'Provenance.ObsConfig.Filter.name', 'Filter'],
        ['preview', 'char', '', 'meta.ref.url;meta.preview', 'Access.preview', 'Small picture'],
    ];
}
