<?php

declare(strict_types=1);

namespace CrowdSky\Api\Data;

use CrowdSky\Tables\Column;
use CrowdSky\Tables\ColumnType;

/** The columns that all tables of stars begin with. */
final class StarColumns
{
    /**
     * @param string $number name of the column with the star's number
     * @return non-empty-list<Column> of number, right ascension and declination
     */
    public static function numberAndPlace(string $number): array
    {
        return [
            new Column($number, ColumnType::Integer, 'Number in the list of stars of this archive', '', 'meta.id;meta.main'),
            new Column('ra', ColumnType::Real, 'Right ascension, ICRS', 'deg', 'pos.eq.ra;meta.main', 'icrs'),
            new Column('dec', ColumnType::Real, 'Declination, ICRS', 'deg', 'pos.eq.dec;meta.main', 'icrs'),
        ];
    }
}
