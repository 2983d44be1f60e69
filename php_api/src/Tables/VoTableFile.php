<?php

declare(strict_types=1);

namespace CrowdSky\Tables;

/**
 * VOTable 1.4 as TABLEDATA: astropy cannot read some tables in its binary forms.
 *
 * Times refer to a TIMESYS (VOTable 1.4, section 3.5; IVOA Note TIMESYS 1.0), facts are INFO elements with JSON where a
 * fact is more than one value.
 */
final class VoTableFile implements TableFormat
{
    /** Barycentric times in TDB as Julian dates. */
    public const BARYCENTRIC = 'bjd_tdb_system';
    /** Times at the telescope in UTC as modified Julian dates. */
    public const TOPOCENTRIC = 'mjd_utc_system';
    private const PLACES = '<COOSYS ID="icrs" system="ICRS"/>';
    private const TIMES = [
        self::BARYCENTRIC => '<TIMESYS ID="' . self::BARYCENTRIC . '" timeorigin="JD-origin" timescale="TDB" refposition="BARYCENTER"/>',
        self::TOPOCENTRIC => '<TIMESYS ID="' . self::TOPOCENTRIC . '" timeorigin="MJD-origin" timescale="UTC" refposition="TOPOCENTER"/>',
    ];

    public function mediaType(): string
    {
        return 'application/x-votable+xml';
    }

    public function extension(): string
    {
        return 'vot';
    }

    public function write(Table $table, \Closure $sink): void
    {
        $sink(VoXml::DECLARATION . '<VOTABLE version="1.4" xmlns="http://www.ivoa.net/xml/VOTable/v1.3">' . "\n"
            . '<RESOURCE type="results"><DESCRIPTION>' . VoXml::text($table->description) . "</DESCRIPTION>\n"
            . "<INFO name=\"QUERY_STATUS\" value=\"OK\"/>\n");
        foreach ($table->facts as $name => $fact) {
            $sink('<INFO name="' . VoXml::text($name) . '" value="' . VoXml::text(self::text($fact)) . "\"/>\n");
        }
        $fields = array_map(static fn (Column $column): string => $column->toVoField()->toXml() . "\n", $table->columns);
        $sink(self::systems($table) . "\n" . '<TABLE name="' . VoXml::text($table->name) . "\">\n" . implode('', $fields) . "<DATA><TABLEDATA>\n");
        foreach ($table->rows as $row) {
            $sink('<TR>' . implode('', array_map(VoXml::cell(...), $row)) . "</TR>\n");
        }
        $sink("</TABLEDATA></DATA></TABLE></RESOURCE>\n" . ($table->linked?->toXml() ?? '') . "</VOTABLE>\n");
    }

    /** Validators remark on systems of times that no column has. */
    private static function systems(Table $table): string
    {
        $used = array_flip(array_map(static fn (Column $column): string => $column->ref, $table->columns));

        return self::PLACES . implode('', array_intersect_key(self::TIMES, $used));
    }

    private static function text(mixed $fact): string
    {
        return is_string($fact) ? $fact : json_encode($fact, JSON_THROW_ON_ERROR | JSON_UNESCAPED_SLASHES | JSON_PRESERVE_ZERO_FRACTION);
    }
}
