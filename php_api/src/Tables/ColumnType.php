<?php

declare(strict_types=1);

namespace CrowdSky\Tables;

/** What a column holds: numbers of 64 bits, or texts in UTF-8. */
enum ColumnType
{
    case Real;
    case Integer;
    case Text;

    /** Its name in ECSV. */
    public function ecsv(): string
    {
        return match ($this) {
            self::Real => 'float64',
            self::Integer => 'int64',
            self::Text => 'string',
        };
    }

    /** Its name in VOTable. */
    public function voTable(): string
    {
        return match ($this) {
            self::Real => 'double',
            self::Integer => 'long',
            self::Text => 'unicodeChar',
        };
    }
}
