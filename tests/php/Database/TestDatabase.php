<?php

declare(strict_types=1);

namespace CrowdSky\Tests\Database;

use CrowdSky\Base\Clock;
use CrowdSky\Database\Database;
use CrowdSky\Database\Engine;
use CrowdSky\Database\Migrator;

/** A migrated SQLite database in memory, reached through a connection that can be made to fail. */
final class TestDatabase
{
    public static function create(Clock $clock): Database
    {
        return self::over(self::connection(), $clock);
    }

    public static function connection(): FlakyConnection
    {
        return new FlakyConnection('sqlite::memory:', null, null, [
            \PDO::ATTR_ERRMODE => \PDO::ERRMODE_EXCEPTION,
            \PDO::ATTR_DEFAULT_FETCH_MODE => \PDO::FETCH_ASSOC,
        ]);
    }

    public static function over(\PDO $pdo, Clock $clock): Database
    {
        $database = new Database($pdo, Engine::Sqlite, static fn (int $microseconds) => null, static fn (): float => 0.5);
        $folder = sys_get_temp_dir() . '/crowdsky-phpunit-' . getmyuid();
        if (!is_dir($folder)) {
            mkdir($folder);
        }
        (new Migrator($database, $clock, __DIR__ . '/../../../php_api/migrations', $folder))->bringUpToDate();
        return $database;
    }
}
