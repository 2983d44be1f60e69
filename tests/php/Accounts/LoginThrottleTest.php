<?php

declare(strict_types=1);

namespace CrowdSky\Tests\Accounts;

use CrowdSky\Accounts\AccountRefused;
use CrowdSky\Accounts\LoginThrottle;
use CrowdSky\Base\RefusalKind;
use CrowdSky\Tests\Database\StillClock;
use CrowdSky\Tests\Database\TestDatabase;
use PHPUnit\Framework\TestCase;

final class LoginThrottleTest extends TestCase
{
    private StillClock $clock;
    private LoginThrottle $throttle;

    protected function setUp(): void
    {
        $this->clock = new StillClock();
        $this->throttle = new LoginThrottle(TestDatabase::create($this->clock), $this->clock, 10, 600);
    }

    public function testOneAddressTryingOneAccount(): void
    {
        $this->fail10('ann', '192.0.2.1');

        self::assertTrue($this->isStopped('ann', '192.0.2.1'));
        self::assertTrue($this->isStopped('ANN', '192.0.2.1'));
        self::assertFalse($this->isStopped('bob', '192.0.2.1'));
        self::assertFalse($this->isStopped('ann', '192.0.2.2'));
    }

    public function testOneAddressTryingManyAccounts(): void
    {
        foreach (['ann', 'bob', 'eve'] as $name) {
            $this->fail10($name, '192.0.2.1');
        }

        self::assertTrue($this->isStopped('zoe', '192.0.2.1'));
        self::assertFalse($this->isStopped('zoe', '192.0.2.2'));
    }

    public function testManyAddressesTryingOneAccount(): void
    {
        for ($host = 1; $host <= 10; $host++) {
            $this->fail10('ann', "192.0.2.$host");
        }

        self::assertTrue($this->isStopped('ann', '192.0.2.99'));
        self::assertFalse($this->isStopped('bob', '192.0.2.99'));
    }

    public function testItEndsAfterTenMinutes(): void
    {
        $this->fail10('ann', '192.0.2.1');
        $this->clock->pass(599_999);
        self::assertTrue($this->isStopped('ann', '192.0.2.1'));

        $this->clock->pass(1);

        self::assertFalse($this->isStopped('ann', '192.0.2.1'));
    }

    public function testAClockThatWasSetBackKeepsNobodyOut(): void
    {
        $this->fail10('ann', '192.0.2.1');
        $this->clock->pass(-3_600_000);

        self::assertFalse($this->isStopped('ann', '192.0.2.1'));

        $this->throttle->count('bob', '192.0.2.2');
        $this->clock->pass(3_600_000);
        self::assertFalse($this->isStopped('ann', '192.0.2.1'), 'a failure of before the correction counts again');
    }

    public function testHostsWhoseClocksDifferALittleCountTogether(): void
    {
        $this->fail10('ann', '192.0.2.1');
        $this->clock->pass(-30_000);

        self::assertTrue($this->isStopped('ann', '192.0.2.1'));
    }

    public function testASuccessClearsTheSlipsBeforeIt(): void
    {
        $this->fail10('ann', '192.0.2.1');
        $this->throttle->forget('ann', '192.0.2.1');

        self::assertFalse($this->isStopped('ann', '192.0.2.1'));
    }

    public function testLongNamesAreCountedToo(): void
    {
        $this->fail10(str_repeat('x', 5000), '192.0.2.1');

        self::assertTrue($this->isStopped(str_repeat('x', 5000), '192.0.2.1'));
    }

    private function fail10(string $name, string $address): void
    {
        for ($attempt = 0; $attempt < 10; $attempt++) {
            $this->throttle->count($name, $address);
        }
    }

    private function isStopped(string $name, string $address): bool
    {
        try {
            $this->throttle->count($name, $address);
        } catch (AccountRefused $refusal) {
            self::assertSame(RefusalKind::TooOften, $refusal->kind);

            return true;
        }

        return false;
    }
}
