<?php

declare(strict_types=1);

namespace CrowdSky\Tests\Database;

/** A connection that breaks at a chosen moment, with the errors that PDO gives for MariaDB. */
final class FlakyConnection extends \PDO
{
    private const LOST = 2013;
    private const GONE = 2006;

    /** Statement at which the connection breaks: before it is sent, or before its answer is heard. */
    private ?string $breaksAt = null;
    private bool $isSent = false;
    private bool $isBack = false;
    private bool $isBroken = false;

    /**
     * @param bool $isSent whether the server still gets the statement and does it
     * @param bool $isBack whether the connection works again right after the error
     */
    public function breakAt(string $start, bool $isSent, bool $isBack = false): void
    {
        [$this->breaksAt, $this->isSent, $this->isBack] = [$start, $isSent, $isBack];
    }

    public function mend(): void
    {
        [$this->breaksAt, $this->isBroken] = [null, false];
    }

    public function exec(string $statement): int|false
    {
        $isLast = $this->check($statement);
        $done = !$isLast || $this->isSent ? parent::exec($statement) : false;
        return $isLast ? throw $this->broken($statement) : $done;
    }

    /** @param array<int, mixed> $options */
    public function prepare(string $query, array $options = []): \PDOStatement|false
    {
        return $this->check($query) ? throw $this->broken($query) : parent::prepare($query, $options);
    }

    private function check(string $sql): bool
    {
        if ($this->isBroken) {
            throw self::error(self::GONE, 'MySQL server has gone away');
        }
        return $this->breaksAt !== null && str_starts_with($sql, $this->breaksAt);
    }

    private function broken(string $sql): \PDOException
    {
        $this->breaksAt = null;
        $this->isBroken = !$this->isBack;
        if ($sql !== 'COMMIT' || !$this->isSent) {
            // The server undoes what a client that is gone has not committed.
            parent::exec('ROLLBACK');
        }
        return self::error(self::LOST, 'Lost connection to MySQL server during query');
    }

    private static function error(int $number, string $text): \PDOException
    {
        $error = new \PDOException("SQLSTATE[HY000]: General error: $number $text");
        $error->errorInfo = ['HY000', $number, $text];
        return $error;
    }
}
