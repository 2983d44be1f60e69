<?php

declare(strict_types=1);

namespace CrowdSky\Database;

use CrowdSky\Base\Clock;
use CrowdSky\Base\Config;
use CrowdSky\Base\ConfigurationError;

/**
 * Opens the database the configuration names, with the settings the queue relies on, and brings its schema up to date.
 */
final class Connector
{
    /** Seconds to wait for a lock; short enough for a client's timeout (30 s) even if every attempt waits in full. */
    private const LOCK_WAIT_SECONDS = 2;
    /** Attempts that together take LOCK_WAIT_SECONDS. */
    private const WAL_TRIES = 40;
    private const WAL_PAUSE_MICROSECONDS = 50_000;
    /** Session variables of MariaDB, with values as in SQL; each is known to every version from 10.6. */
    private const SESSION = [
        'autocommit' => '1',
        'completion_type' => "'NO_CHAIN'",
        'tx_isolation' => "'READ-COMMITTED'",
        'tx_read_only' => '0',
        'sql_mode' => "'STRICT_ALL_TABLES,NO_ENGINE_SUBSTITUTION'",
        'time_zone' => "'+00:00'",
        'foreign_key_checks' => '1',
        'unique_checks' => '1',
        'check_constraint_checks' => '1',
        // Of `id IS NULL`, it would make "the row inserted last".
        'sql_auto_is_null' => '0',
        'sql_safe_updates' => '0',
        // Each of the next three can refuse or cut a long list.
        'sql_select_limit' => '18446744073709551615',
        'sql_big_selects' => '1',
        'max_statement_time' => '0',
        // Longer than a request needs between two queries while it copies or checks a file.
        'wait_timeout' => '3600',
    ];

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
        $this->bringUpToDate($database);
        return $database;
    }

    /**
     * SQLite would create an empty database; a MariaDB server does not.
     *
     * @throws ConfigurationError naming the file that is missing
     */
    public function requireExisting(): void
    {
        $file = preg_replace('/^sqlite:/', '', $this->config->dbDsn, 1, $isSqlite);
        if ($isSqlite === 1 && !is_file((string) $file)) {
            throw new ConfigurationError(
                "There is no site here: its database $file does not exist, or this account cannot see it. Set CROWDSKY_DATA_DIR to the "
                . 'data folder of the site, or create a site with php php_api/bin/migrate.php'
            );
        }
    }

    /** On MariaDB the schema version is checked only once a minute; on SQLite the query costs next to nothing. */
    private function bringUpToDate(Database $database): void
    {
        $stamp = new SchemaStamp(
            "{$this->config->dataDir}/schema-checked",
            "{$this->config->dbDsn} " . filemtime("{$this->migrations}/{$database->engine->value}"),
            $this->clock,
        );
        if ($database->engine === Engine::MariaDb && $stamp->isFresh()) {
            return;
        }
        $this->migrator($database)->bringUpToDate();
        if ($database->engine === Engine::MariaDb) {
            $stamp->renew();
        }
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
        // In WAL mode only this flushes every commit to the disk; for the exceptions see Database::forgettable.
        $pdo->exec('PRAGMA synchronous = FULL');
        $pdo->exec('PRAGMA foreign_keys = ON');
        return $pdo;
    }

    /**
     * SQLite's own wait does not cover this switch: a new file is "locked" at once while another connection makes the
     * same switch or writes, and later while one recovers the log or is the last to close
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
     * rows it matched, without which a heartbeat that changes nothing would look like a lost lease. Emulated statements
     * take one round trip to the server instead of two.
     *
     * With db_persistent the PHP process keeps the connection for its next request, which halves the cost of an idle
     * worker's poll. PDO first checks that such a connection is alive and replaces a dead one; its warning about that
     * is silenced, while an error is still thrown.
     */
    private function openMariaDb(): \PDO
    {
        // PDO quotes by this character set, which has to be the one of sessionSettings.
        $dsn = rtrim(preg_replace('/([:;])\s*charset=[^;]*(;|$)/i', '$1', $this->config->dbDsn) ?? '', ';') . ';charset=utf8mb4';
        $pdo = @new \PDO($dsn, $this->config->dbUser, $this->config->dbPassword, self::common() + [
            MysqlAttribute::named('FOUND_ROWS') => true,
            MysqlAttribute::named('MULTI_STATEMENTS') => false,
            MysqlAttribute::named('INIT_COMMAND') => self::sessionSettings(),
            \PDO::ATTR_EMULATE_PREPARES => true,
            \PDO::ATTR_PERSISTENT => $this->config->dbPersistent,
            \PDO::ATTR_TIMEOUT => 5,
        ]);
        if ($pdo->inTransaction()) {
            // The previous user of this connection was interrupted in a transaction.
            $pdo->rollBack();
        }
        return $pdo;
    }

    /**
     * Everything of a session that the code relies on, because a host may have chosen another default: with
     * autocommit = 0, for example, every row that is written outside a transaction is lost without an error.
     *
     * One statement, sent only when the connection is opened.
     */
    private static function sessionSettings(): string
    {
        $settings = '';
        foreach (self::SESSION as $name => $value) {
            $settings .= ", SESSION $name = $value";
        }
        return "SET NAMES utf8mb4$settings, SESSION innodb_lock_wait_timeout = " . self::LOCK_WAIT_SECONDS;
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
