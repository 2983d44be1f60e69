<?php

declare(strict_types=1);

namespace CrowdSky\Database;

/**
 * The only way to the database: SQLite or MariaDB behind the same few calls.
 *
 * Statements and transactions that lose a race for a lock (SQLITE_BUSY, deadlock 1213, lock wait 1205) are retried a
 * few times after a random pause; then the request is refused as busy, and the client may repeat it.
 */
final class Database
{
    private const TRIES = 5;
    private const PAUSE_BASE_MS = 20;

    private int $depth = 0;
    private bool $isForgettable = false;

    /**
     * @param \Closure(int): void $sleep pauses for that many microseconds
     * @param \Closure(): float $random a number from 0 to 1
     */
    public function __construct(
        private readonly \PDO $pdo,
        public readonly Engine $engine,
        private readonly \Closure $sleep,
        private readonly \Closure $random,
    ) {
    }

    /**
     * Runs $work in one transaction and returns what it returns; inside another transaction it joins that one.
     *
     * $work may run several times and must have no effect outside the database. On SQLite the write lock is taken
     * at the start (a lock taken later would fail at once instead of waiting).
     *
     * @template T
     * @param callable(self): T $work
     * @return T
     * @throws DatabaseBusy when every attempt lost the lock
     */
    public function transaction(callable $work): mixed
    {
        if ($this->depth > 0) {
            return $work($this);
        }
        return $this->retrying(fn () => $this->attempt($work));
    }

    /**
     * Runs $work and returns what it returns, without waiting for the disk: a power cut may undo its commits, which
     * saves SQLite one flush per commit. Only for what was promised to nobody and can be repeated without harm, such as
     * a claim; everything else is flushed before anybody is told. On MariaDB nothing changes: it flushes every commit
     * by default.
     *
     * @template T
     * @param callable(): T $work
     * @return T
     */
    public function forgettable(callable $work): mixed
    {
        // SQLite does not change how it flushes a transaction that has already begun.
        if ($this->engine !== Engine::Sqlite || $this->depth > 0 || $this->isForgettable) {
            return $work();
        }
        $this->isForgettable = true;
        $this->pdo->exec('PRAGMA synchronous = NORMAL');
        try {
            return $work();
        } finally {
            $this->pdo->exec('PRAGMA synchronous = FULL');
            $this->isForgettable = false;
        }
    }

    public function inTransaction(): bool
    {
        return $this->depth > 0;
    }

    /**
     * @param array<string|int, mixed> $parameters
     * @return int rows matched (not merely changed) by an UPDATE, or affected by another statement
     * @throws DuplicateKey when a unique index refuses the row
     */
    public function execute(string $sql, array $parameters = []): int
    {
        return $this->run($sql, $parameters)->rowCount();
    }

    /**
     * Inserts one row.
     *
     * @param array<string, mixed> $values by column name; names come from our code, never from outside
     * @return int the new id
     * @throws DuplicateKey when a unique index refuses the row
     */
    public function insert(string $table, array $values): int
    {
        $columns = array_keys($values);
        $sql = "INSERT INTO $table (" . implode(', ', $columns) . ') VALUES (:' . implode(', :', $columns) . ')';
        $this->run($sql, $values);
        return (int) $this->pdo->lastInsertId();
    }

    /**
     * @param array<string|int, mixed> $parameters
     * @return array<string, mixed>|null the first row
     */
    public function one(string $sql, array $parameters = []): ?array
    {
        $statement = $this->run($sql, $parameters);
        $row = $statement->fetch();
        $statement->closeCursor();
        return $row === false ? null : $row;
    }

    /**
     * @param array<string|int, mixed> $parameters
     * @return list<array<string, mixed>>
     */
    public function all(string $sql, array $parameters = []): array
    {
        return $this->run($sql, $parameters)->fetchAll();
    }

    /**
     * The first column alone, which takes half the time of whole rows.
     *
     * @param array<string|int, mixed> $parameters
     * @return list<mixed>
     */
    public function column(string $sql, array $parameters = []): array
    {
        return $this->run($sql, $parameters)->fetchAll(\PDO::FETCH_COLUMN);
    }

    /**
     * Gives the rows one by one, without holding all of them at once. Nothing else may be asked meanwhile.
     *
     * @param array<string|int, mixed> $parameters
     * @return \Generator<array<string, mixed>>
     */
    public function each(string $sql, array $parameters = []): \Generator
    {
        $statement = $this->run($sql, $parameters);
        while (($row = $statement->fetch()) !== false) {
            yield $row;
        }
    }

    /**
     * @param array<string|int, mixed> $parameters
     * @return mixed the first column of the first row, null when there is none
     */
    public function value(string $sql, array $parameters = []): mixed
    {
        $row = $this->one($sql, $parameters);
        return $row === null ? null : reset($row);
    }

    /** Runs a statement without parameters, such as one of a migration. */
    public function statement(string $sql): void
    {
        $this->retrying(fn () => $this->pdo->exec($sql));
    }

    /** @param array<string|int, mixed> $parameters */
    private function run(string $sql, array $parameters): \PDOStatement
    {
        $run = function () use ($sql, $parameters): \PDOStatement {
            $statement = $this->pdo->prepare($sql);
            foreach ($parameters as $name => $value) {
                $statement->bindValue(is_int($name) ? $name + 1 : $name, ...self::typed($value));
            }
            $statement->execute();
            return $statement;
        };
        try {
            return $this->depth > 0 ? $run() : $this->retrying($run);
        } catch (\PDOException $error) {
            throw DuplicateKey::matches($error) ? new DuplicateKey($error) : $error;
        }
    }

    /** @return array{mixed, int} the value as PDO should send it, and its type */
    private static function typed(mixed $value): array
    {
        return match (true) {
            $value === null => [null, \PDO::PARAM_NULL],
            is_bool($value) => [(int) $value, \PDO::PARAM_INT],
            is_int($value) => [$value, \PDO::PARAM_INT],
            // PDO turns a float into text with 14 digits; this keeps all of them.
            is_float($value) => [json_encode($value, JSON_THROW_ON_ERROR), \PDO::PARAM_STR],
            default => [(string) $value, \PDO::PARAM_STR],
        };
    }

    private function attempt(callable $work): mixed
    {
        try {
            $this->pdo->exec($this->engine === Engine::Sqlite ? 'BEGIN IMMEDIATE' : 'START TRANSACTION');
            $this->depth = 1;
            $result = $work($this);
            $this->pdo->exec('COMMIT');
            return $result;
        } catch (\Throwable $error) {
            $this->rollBack();
            throw $error;
        } finally {
            $this->depth = 0;
        }
    }

    private function rollBack(): void
    {
        try {
            $this->pdo->exec('ROLLBACK');
        } catch (\PDOException) {
            // Nothing was open: BEGIN itself failed, or the engine has already rolled back. The first error is what
            // counts.
        }
    }

    /**
     * @template T
     * @param \Closure(): T $work
     * @return T
     */
    private function retrying(\Closure $work): mixed
    {
        for ($try = 1;; $try++) {
            try {
                return $work();
            } catch (\PDOException $error) {
                if (DatabaseBusy::isUnreachable($error)) {
                    throw new DatabaseBusy($error, 'The database cannot be reached; please try again shortly');
                }
                if (!DatabaseBusy::matches($error)) {
                    throw $error;
                }
                if ($try >= self::TRIES || $this->depth > 0) {
                    throw new DatabaseBusy($error);
                }
                ($this->sleep)((int) (1000 * self::PAUSE_BASE_MS * 2 ** $try * ($this->random)()));
            }
        }
    }
}
