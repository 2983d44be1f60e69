<?php

declare(strict_types=1);

namespace CrowdSky\Tests\Workers;

use CrowdSky\Base\Refusal;
use CrowdSky\Database\Database;
use CrowdSky\Tests\Database\StillClock;
use CrowdSky\Tests\Database\TestDatabase;
use CrowdSky\Workers\KeyStore;
use CrowdSky\Workers\KeyTrust;
use CrowdSky\Workers\TrustLevel;
use PHPUnit\Framework\TestCase;

final class KeyTrustTest extends TestCase
{
    private const KEY = 1;

    private StillClock $clock;
    private Database $database;
    private KeyStore $keys;
    private KeyTrust $trust;

    protected function setUp(): void
    {
        $this->clock = new StillClock();
        $this->database = TestDatabase::create($this->clock);
        $this->keys = new KeyStore($this->database, $this->clock);
        $this->trust = new KeyTrust($this->database, $this->clock);
        $this->keys->create('barn', [KeyStore::SCOPE_JOBS, KeyStore::SCOPE_VOLUNTEER, KeyStore::SCOPE_CLEANUP]);
    }

    public function testCreditIsLostWithTheLevelAndInQuarantine(): void
    {
        $earned = [];
        foreach ([fn () => $this->trust->setLevel(self::KEY, TrustLevel::Standard), fn () => $this->trust->quarantine(self::KEY, 'x')] as $loss) {
            $this->trust->credit(self::KEY);
            $this->trust->credit(self::KEY);
            $earned[] = $this->trust->get(self::KEY)->agreedInRow;
            $loss();
            $earned[] = $this->trust->get(self::KEY)->agreedInRow;
        }

        self::assertSame([2, 0, 2, 0], $earned);
        self::assertSame(['jobs', 'cleanup'], $this->trust->get(self::KEY)->scopes);
    }

    public function testTheFirstReasonOfAQuarantineStaysUntilItIsLifted(): void
    {
        $this->trust->quarantine(self::KEY, 'first');
        $this->clock->pass(60_000);
        $this->trust->quarantine(self::KEY, 'second');
        $key = $this->trust->get(self::KEY);
        self::assertSame(['first', '2026-01-02 03:04:05'], [$key->quarantineReason, $key->quarantinedAt]);
        self::assertCount(1, $this->trust->quarantined());

        $this->trust->lift(self::KEY);

        KeyTrust::requireGood($this->trust->get(self::KEY));
        self::assertSame([], $this->trust->quarantined());
    }

    public function testAKeyInQuarantineIsRefused(): void
    {
        $this->trust->quarantine(self::KEY, 'x');

        $this->expectExceptionObject(Refusal::forbidden('A result of this key was found wrong; it gets no work until an admin has looked'));
        KeyTrust::requireGood($this->trust->get(self::KEY));
    }

    public function testARevokedKeyIsNoAlarm(): void
    {
        $this->trust->quarantine(self::KEY, 'x');
        $this->keys->revoke(self::KEY);

        self::assertSame([], $this->trust->quarantined());
    }

    public function testUnknownKeysAreNotFound(): void
    {
        $this->expectException(Refusal::class);
        $this->trust->setLevel(99, TrustLevel::Trusted);
    }
}
