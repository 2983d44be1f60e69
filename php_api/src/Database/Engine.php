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

    /** A join that reads its left table first, for where the engine would choose the other one and read all of it. */
    public function orderedJoin(): string
    {
        return $this === self::Sqlite ? 'CROSS JOIN' : 'STRAIGHT_JOIN';
    }

    public static function ofDsn(string $dsn): self
    {
        return str_starts_with($dsn, 'sqlite:') ? self::Sqlite : self::MariaDb;
    }
}
