<?php

declare(strict_types=1);

namespace CrowdSky\Tables;

/**
 * ECSV 1.0 (Astropy Proposal for Enhancement 6): CSV with a heading in YAML that has types, units and facts.
 *
 * The facts are written as JSON, which is YAML as well.
 */
final class EcsvTable implements TableFormat
{
    private const FLAGS = JSON_THROW_ON_ERROR | JSON_INVALID_UTF8_SUBSTITUTE | JSON_UNESCAPED_SLASHES | JSON_PRESERVE_ZERO_FRACTION;

    public function mediaType(): string
    {
        return 'text/plain; charset=utf-8';
    }

    public function extension(): string
    {
        return 'ecsv';
    }

    public function write(Table $table, \Closure $sink): void
    {
        $lines = ['%ECSV 1.0', '---', 'delimiter: \',\'', 'datatype:'];
        foreach ($table->columns as $column) {
            $unit = $column->unit === '' ? [] : ['unit' => $column->unit];
            $entry = ['name' => $column->name] + $unit + ['datatype' => $column->type->ecsv(), 'description' => $column->description];
            $lines[] = '- ' . json_encode($entry, self::FLAGS);
        }
        $lines[] = 'meta: ' . json_encode((object) ($table->facts + ['description' => $table->description]), self::FLAGS);
        $lines[] = 'schema: astropy-2.0';
        $sink(implode('', array_map(static fn (string $line): string => "# $line\n", $lines)));
        $sink(CsvTable::line(array_map(static fn (Column $column): string => $column->name, $table->columns), "\n"));
        foreach ($table->rows as $row) {
            // A line break in a text would end the row for many readers.
            $plain = array_map(static fn (mixed $value): mixed => is_string($value) ? strtr($value, "\r\n", '  ') : $value, $row);
            $sink(CsvTable::line($plain, "\n"));
        }
    }
}
