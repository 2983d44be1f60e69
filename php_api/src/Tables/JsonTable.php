<?php

declare(strict_types=1);

namespace CrowdSky\Tables;

/** JSON: an object with the facts and, under the table's name, a list with an object for each row. */
final class JsonTable implements TableFormat
{
    private const FLAGS = JSON_THROW_ON_ERROR | JSON_INVALID_UTF8_SUBSTITUTE | JSON_UNESCAPED_SLASHES | JSON_UNESCAPED_UNICODE
        | JSON_PRESERVE_ZERO_FRACTION;

    public function mediaType(): string
    {
        return 'application/json';
    }

    public function extension(): string
    {
        return 'json';
    }

    public function write(Table $table, \Closure $sink): void
    {
        $names = array_map(static fn (Column $column): string => $column->name, $table->columns);
        $facts = $table->facts === [] ? '' : substr(json_encode($table->facts, self::FLAGS), 1, -1) . ',';
        $sink('{' . $facts . json_encode($table->name, self::FLAGS) . ':[');
        $between = '';
        foreach ($table->rows as $row) {
            $sink($between . json_encode(array_combine($names, $row), self::FLAGS));
            $between = ',';
        }
        $sink(']}');
    }
}
