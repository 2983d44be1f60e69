<?php

declare(strict_types=1);

namespace CrowdSky\Database;

/**
 * The two database engines; the value is the name of their folder of migrations.
 */
enum Engine: string
{
    case Sqlite = 'sqlite';
    case MariaDb = 'mariadb';

    public static function ofDsn(string $dsn): self
    {
        return str_starts_with($dsn, 'sqlite:') ? self::Sqlite : self::MariaDb;
    }
}
