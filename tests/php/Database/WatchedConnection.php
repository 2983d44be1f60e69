<?php

declare(strict_types=1);

namespace CrowdSky\Tests\Database;

/** A connection that reports each statement before it is sent. */
final class WatchedConnection extends \PDO
{
    /** @var (\Closure(string): void)|null */
    private ?\Closure $watcher = null;

    public static function open(): self
    {
        return new self('sqlite::memory:', null, null, [
            \PDO::ATTR_ERRMODE => \PDO::ERRMODE_EXCEPTION,
            \PDO::ATTR_DEFAULT_FETCH_MODE => \PDO::FETCH_ASSOC,
        ]);
    }

    /** @param \Closure(string): void $watcher */
    public function watch(\Closure $watcher): void
    {
        $this->watcher = $watcher;
    }

    public function exec(string $statement): int|false
    {
        if ($this->watcher !== null) {
            ($this->watcher)($statement);
        }
        return parent::exec($statement);
    }

    /** @param array<int, mixed> $options */
    public function prepare(string $query, array $options = []): \PDOStatement|false
    {
        if ($this->watcher !== null) {
            ($this->watcher)($query);
        }
        return parent::prepare($query, $options);
    }
}
