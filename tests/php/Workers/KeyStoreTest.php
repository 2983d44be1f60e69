<?php

declare(strict_types=1);

namespace CrowdSky\Tests\Workers;

use CrowdSky\Base\Refusal;
use CrowdSky\Database\Database;
use CrowdSky\Tests\Database\StillClock;
use CrowdSky\Tests\Database\TestDatabase;
use CrowdSky\Workers\KeyStore;
use PHPUnit\Framework\TestCase;

final class KeyStoreTest extends TestCase
{
    private StillClock $clock;
    private Database $database;
    private KeyStore $keys;

    protected function setUp(): void
    {
        $this->clock = new StillClock();
        $this->database = TestDatabase::create($this->clock);
        $this->keys = new KeyStore($this->database, $this->clock);
    }

    public function testAKeyIsFoundByItselfAndByNothingElse(): void
    {
        $key = $this->keys->create('barn', [KeyStore::SCOPE_JOBS]);

        self::assertSame('barn', $this->keys->find($key)?->name);
        foreach (['', 'csw_', substr($key, 0, -1), "$key ", strtoupper($key), hash('sha256', $key)] as $other) {
            self::assertNull($this->keys->find($other));
        }
    }

    public function testAKeyHas256RandomBits(): void
    {
        self::assertMatchesRegularExpression('/^csw_[0-9a-f]{64}$/', $this->keys->create('a', []));
        self::assertNotSame($this->keys->create('b', []), $this->keys->create('c', []));
    }

    public function testRevokedAndExpiredKeysOpenNothing(): void
    {
        $revoked = $this->keys->create('revoked', [KeyStore::SCOPE_JOBS]);
        $expired = $this->keys->create('expired', [KeyStore::SCOPE_JOBS]);
        $this->database->execute("UPDATE api_keys SET expires_at = '2026-01-02 03:04:06' WHERE name = 'expired'");
        self::assertNotNull($this->keys->find($expired));

        self::assertTrue($this->keys->revoke(1));
        self::assertFalse($this->keys->revoke(1));
        $this->clock->pass(1000);

        self::assertNull($this->keys->find($revoked));
        self::assertNull($this->keys->find($expired));
    }

    public function testAUserKeyIsNoWorkerKey(): void
    {
        $key = $this->keys->create('a', [KeyStore::SCOPE_JOBS]);
        $this->database->execute("UPDATE api_keys SET kind = 'user'");

        self::assertNull($this->keys->find($key));
        self::assertFalse($this->keys->revoke(1));
        self::assertSame([], $this->keys->all());
    }

    public function testUseIsNotedOnceInFiveMinutes(): void
    {
        $key = $this->keys->create('a', [KeyStore::SCOPE_JOBS]);
        $seen = [];
        foreach ([0, 299_000, 1_000] as $milliseconds) {
            $this->clock->pass($milliseconds);
            $this->keys->noteUse($this->keys->find($key), '192.0.2.1');
            $seen[] = $this->keys->find($key)->lastUsedAt;
        }

        self::assertSame(['2026-01-02 03:04:05', '2026-01-02 03:04:05', '2026-01-02 03:09:05'], $seen);
    }

    public function testAKeyHasOneLevel(): void
    {
        $this->expectException(Refusal::class);
        $this->keys->create('a', [KeyStore::SCOPE_JOBS, KeyStore::SCOPE_TRUSTED, KeyStore::SCOPE_VOLUNTEER]);
    }

    public function testNamesArePlain(): void
    {
        $this->expectException(Refusal::class);
        $this->keys->create("two\nlines", []);
    }
}
