<?php

declare(strict_types=1);

namespace CrowdSky\Database;

use CrowdSky\Clock;
use CrowdSky\Config;
use CrowdSky\ConfigurationError;

/**
 * Opens the database the configuration names, with the settings the queue relies on, and brings its schema up to date.
 */
final class Connector
{
    /** Shorter than a client's patience (30 s) even when every try waits in full. */
    private const LOCK_WAIT_SECONDS = 2;
    /** Together LOCK_WAIT_SECONDS. */
    private const WAL_TRIES = 40;
    private const WAL_PAUSE_MICROSECONDS = 50_000;

    public function __construct(
        private readonly Config $config,
        private readonly Clock $clock,
        private readonly string $migrations,
    ) {
    }

    /**
     * @throws DatabaseBusy when the server cannot be reached
     * @throws ConfigurationError when the needed PDO driver is missing
     */
    public function open(): Database
    {
        $engine = Engine::ofDsn($this->config->dbDsn);
        $driver = $engine === Engine::Sqlite ? 'sqlite' : 'mysql';
        if (!in_array($driver, \PDO::getAvailableDrivers(), true)) {
            throw new ConfigurationError("PHP has no PDO driver for $driver; install php-$driver");
        }
        try {
            $pdo = $engine === Engine::Sqlite ? $this->openSqlite() : $this->openMariaDb();
        } catch (\PDOException $error) {
            throw new DatabaseBusy($error, 'The database cannot be reached; please try again shortly');
        }
        $random = static fn (): float => random_int(0, 1_000_000) / 1_000_000;
        $database = new Database($pdo, $engine, usleep(...), $random);
        $this->migrator($database)->bringUpToDate();
        return $database;
    }

    public function migrator(Database $database): Migrator
    {
        return new Migrator($database, $this->clock, $this->migrations, $this->config->dataDir);
    }

    private function openSqlite(): \PDO
    {
        $pdo = new \PDO($this->config->dbDsn, null, null, self::common());
        self::switchToWal($pdo);
        $pdo->exec('PRAGMA busy_timeout = ' . self::LOCK_WAIT_SECONDS * 1000);
        $pdo->exec('PRAGMA synchronous = NORMAL');
        $pdo->exec('PRAGMA foreign_keys = ON');
        return $pdo;
    }

    /**
     * SQLite's own wait does not cover this switch: on a new file it answers "locked" at once while another connection
     * makes the same switch or writes, and later while one recovers the log or closes as the last
     * (https://www.sqlite.org/wal.html, section 8).
     */
    private static function switchToWal(\PDO $pdo): void
    {
        $pdo->exec('PRAGMA busy_timeout = 0');
        for ($try = 1;; $try++) {
            try {
                $pdo->exec('PRAGMA journal_mode = WAL');
                return;
            } catch (\PDOException $error) {
                if ($try === self::WAL_TRIES || !DatabaseBusy::matches($error)) {
                    throw $error;
                }
                usleep(self::WAL_PAUSE_MICROSECONDS);
            }
        }
    }

    /**
     * READ COMMITTED takes no gap locks, without which the claim would deadlock; FOUND_ROWS makes an UPDATE count the
     * rows it matched, without which a heartbeat that changes nothing would look like a lost lease.
     */
    private function openMariaDb(): \PDO
    {
        $dsn = str_contains($this->config->dbDsn, 'charset=') ? $this->config->dbDsn : "{$this->config->dbDsn};charset=utf8mb4";
        $pdo = new \PDO($dsn, $this->config->dbUser, $this->config->dbPassword, self::common() + [
            \PDO::MYSQL_ATTR_FOUND_ROWS => true,
            \PDO::MYSQL_ATTR_MULTI_STATEMENTS => false,
            \PDO::ATTR_EMULATE_PREPARES => false,
            \PDO::ATTR_TIMEOUT => 5,
        ]);
        $pdo->exec('SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED');
        $pdo->exec("SET SESSION time_zone = '+00:00', sql_mode = 'STRICT_ALL_TABLES,NO_ENGINE_SUBSTITUTION'");
        $pdo->exec('SET SESSION innodb_lock_wait_timeout = ' . self::LOCK_WAIT_SECONDS);
        return $pdo;
    }

    /** @return array<int, mixed> */
    private static function common(): array
    {
        return [
            \PDO::ATTR_ERRMODE => \PDO::ERRMODE_EXCEPTION,
            \PDO::ATTR_DEFAULT_FETCH_MODE => \PDO::FETCH_ASSOC,
            \PDO::ATTR_STRINGIFY_FETCHES => false,
        ];
    }
}
