<?php

declare(strict_types=1);

namespace CrowdSky\Tests\Database;

use CrowdSky\Base\RefusalKind;
use CrowdSky\Database\Database;
use CrowdSky\Database\DatabaseBusy;
use CrowdSky\Database\DuplicateKey;
use CrowdSky\Database\Engine;
use PHPUnit\Framework\TestCase;

final class DatabaseTest extends TestCase
{
    private string $file;
    /** @var list<int> microseconds slept */
    private array $pauses = [];
    private ?\Closure $whileSleeping = null;

    protected function setUp(): void
    {
        $this->file = (string) tempnam(sys_get_temp_dir(), 'db');
        $this->open()->statement('CREATE TABLE t (id INTEGER PRIMARY KEY, name TEXT UNIQUE, x REAL)');
    }

    protected function tearDown(): void
    {
        array_map(unlink(...), glob("{$this->file}*") ?: []);
    }

    public function testValuesKeepTheirTypesAndAllTheirDigits(): void
    {
        $database = $this->open();
        $id = $database->insert('t', ['name' => "it's ünï", 'x' => 192.72134567890123]);

        $row = $database->one('SELECT * FROM t WHERE id = ?', [$id]);

        self::assertSame(['id' => $id, 'name' => "it's ünï", 'x' => 192.72134567890123], $row);
        self::assertNull($database->one('SELECT * FROM t WHERE id = 99'));
        self::assertNull($database->value('SELECT name FROM t WHERE id = 99'));
        $database->insert('t', ['name' => 'another', 'x' => null]);
        self::assertSame([192.72134567890123, null], $database->column('SELECT x, name FROM t WHERE id < ? ORDER BY id', [99]));
        self::assertSame([], $database->column('SELECT x FROM t WHERE id = 99'));
    }

    public function testAFailedTransactionLeavesNothing(): void
    {
        $database = $this->open();

        try {
            $database->transaction(static function (Database $inner): never {
                $inner->insert('t', ['name' => 'a']);
                throw new \DomainException('changed my mind');
            });
        } catch (\DomainException) {
            self::assertFalse($database->inTransaction());
        }
        self::assertSame([], $database->all('SELECT * FROM t'));
    }

    public function testAnInnerTransactionJoinsTheOuterOne(): void
    {
        $database = $this->open();

        try {
            $database->transaction(static function (Database $outer): never {
                $outer->transaction(static fn (Database $inner) => $inner->insert('t', ['name' => 'a']));
                throw new \DomainException('changed my mind');
            });
        } catch (\DomainException) {
            self::assertSame([], $database->all('SELECT * FROM t'));
        }
    }

    public function testATakenKeyIsToldFromOtherErrors(): void
    {
        $database = $this->open();
        $database->insert('t', ['name' => 'a']);

        $this->expectException(DuplicateKey::class);
        $database->insert('t', ['name' => 'a']);
    }

    public function testAWrongStatementIsNotTriedAgain(): void
    {
        try {
            $this->open()->execute('SELEKT 1');
            self::fail('nonsense was executed');
        } catch (\PDOException) {
            self::assertSame([], $this->pauses);
        }
    }

    public function testALockIsWaitedForWithGrowingPauses(): void
    {
        $database = $this->open();
        $other = $this->locked();
        $this->whileSleeping = fn () => count($this->pauses) === 3 && $other->exec('COMMIT');
        $runs = 0;

        $database->transaction(static function (Database $inner) use (&$runs): void {
            $runs++;
            $inner->insert('t', ['name' => 'a']);
        });

        self::assertSame([20_000, 40_000, 80_000], $this->pauses);
        self::assertSame(1, $runs);
        self::assertCount(1, $database->all('SELECT * FROM t'));
    }

    public function testALockThatStaysIsRefusedAsBusy(): void
    {
        $database = $this->open();
        $other = $this->locked();

        try {
            $database->execute("INSERT INTO t (name) VALUES ('a')");
            self::fail('the lock was ignored');
        } catch (DatabaseBusy $busy) {
            self::assertSame([RefusalKind::Unavailable, 2], [$busy->kind, $busy->retryAfterSeconds]);
            self::assertCount(4, $this->pauses);
        }
        $other->exec('ROLLBACK');
        self::assertSame([], $database->all('SELECT * FROM t'));
    }

    public function testOnlyForgettableCommitsAreNotFlushed(): void
    {
        $database = $this->open();
        $level = static fn (): int => $database->value('PRAGMA synchronous');
        $seen = $database->forgettable(fn (): array => [
            $database->forgettable($level),
            $database->transaction($level),
            $level(),
        ]);

        self::assertSame([1, 1, 1], $seen);
        self::assertSame(2, $level());
        self::assertSame(2, $database->transaction(static fn () => $database->forgettable($level)), 'the promise of the outer one counts');
    }

    public function testAFailureEndsForgetting(): void
    {
        $database = $this->open();

        try {
            $database->forgettable(static fn () => throw new \DomainException('changed my mind'));
        } catch (\DomainException) {
            self::assertSame(2, $database->value('PRAGMA synchronous'));
        }
    }

    private function locked(): \PDO
    {
        $other = new \PDO("sqlite:{$this->file}", null, null, [\PDO::ATTR_ERRMODE => \PDO::ERRMODE_EXCEPTION]);
        $other->exec('BEGIN IMMEDIATE');
        return $other;
    }

    private function open(): Database
    {
        $pdo = new \PDO("sqlite:{$this->file}", null, null, [
            \PDO::ATTR_ERRMODE => \PDO::ERRMODE_EXCEPTION,
            \PDO::ATTR_DEFAULT_FETCH_MODE => \PDO::FETCH_ASSOC,
        ]);
        $pdo->exec('PRAGMA busy_timeout = 0');
        $pdo->exec('PRAGMA journal_mode = WAL');
        $sleep = function (int $microseconds): void {
            $this->pauses[] = $microseconds;
            ($this->whileSleeping ?? static fn () => null)();
        };
        return new Database($pdo, Engine::Sqlite, $sleep, static fn (): float => 0.5);
    }
}
