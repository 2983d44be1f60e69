<?php

declare(strict_types=1);

namespace CrowdSky\Database;

/** PDO's attributes for MariaDB, whose names in the class PDO are deprecated from PHP 8.5 on. */
final class MysqlAttribute
{
    /** @param string $name such as FOUND_ROWS */
    public static function named(string $name): int
    {
        $sinceEightFour = "Pdo\\Mysql::ATTR_$name";
        return (int) constant(defined($sinceEightFour) ? $sinceEightFour : "PDO::MYSQL_ATTR_$name");
    }
}
