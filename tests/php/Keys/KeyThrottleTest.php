<?php

declare(strict_types=1);

namespace CrowdSky\Tests\Keys;

use CrowdSky\Database\Database;
use CrowdSky\Keys\KeyThrottle;
use CrowdSky\Tests\Database\StillClock;
use CrowdSky\Tests\Database\TestDatabase;
use PHPUnit\Framework\TestCase;

final class KeyThrottleTest extends TestCase
{
    private StillClock $clock;
    private Database $database;
    private KeyThrottle $throttle;

    protected function setUp(): void
    {
        $this->clock = new StillClock();
        $this->database = TestDatabase::create($this->clock);
        $this->throttle = new KeyThrottle($this->database, $this->clock, 3, 60);
    }

    public function testAnAddressIsStoppedAfterItsLimitAndNobodyElse(): void
    {
        $waits = array_map(fn (): ?int => $this->wait('192.0.2.1'), range(1, 5));

        self::assertSame([null, null, null, 60, 60], $waits);
        self::assertNull($this->wait('192.0.2.2'));
    }

    public function testTheWaitEndsWhenTheOldestFailureLeavesTheWindow(): void
    {
        foreach ([0, 20_000, 20_000] as $milliseconds) {
            $this->clock->pass($milliseconds);
            $this->wait('192.0.2.1');
        }
        self::assertSame(20, $this->wait('192.0.2.1'));
        $this->clock->pass(19_999);
        self::assertSame(1, $this->wait('192.0.2.1'));

        $this->clock->pass(1);

        self::assertNull($this->wait('192.0.2.1'));
        self::assertSame(20, $this->wait('192.0.2.1'));
    }

    public function testAClockThatWasSetBackStopsNobody(): void
    {
        foreach (range(1, 4) as $_) {
            $this->wait('192.0.2.1');
        }
        $this->clock->pass(-3_600_000);

        self::assertNull($this->wait('192.0.2.1'));
        self::assertSame(1, $this->database->value('SELECT COUNT(*) FROM key_failures'));
    }

    public function testAFloodWritesNothingAndOldRowsGo(): void
    {
        foreach (range(1, 50) as $_) {
            $this->wait('192.0.2.1');
        }
        self::assertSame(3, $this->database->value('SELECT COUNT(*) FROM key_failures'));

        $this->clock->pass(60_000);
        $this->wait('192.0.2.9');

        self::assertSame(1, $this->database->value('SELECT COUNT(*) FROM key_failures'));
    }

    /** @return int|null seconds until the address may try again after one more wrong key */
    private function wait(string $address): ?int
    {
        return $this->throttle->refuse($address, 'a key is needed')->retryAfterSeconds;
    }
}
