<?php

declare(strict_types=1);

namespace CrowdSky\Tests\Accounts;

use CrowdSky\Accounts\AccountRefused;
use CrowdSky\Accounts\Registration;
use CrowdSky\Base\RefusalKind;
use CrowdSky\Tests\Database\StillClock;
use CrowdSky\Tests\Database\TestDatabase;
use PHPUnit\Framework\TestCase;

final class RegistrationTest extends TestCase
{
    private StillClock $clock;
    private Registration $registration;
    private int $registered = 0;

    protected function setUp(): void
    {
        $this->clock = new StillClock();
        $this->registration = new Registration(TestDatabase::create($this->clock), $this->clock, Registration::OPEN, 2);
    }

    public function testEachAddressHasItsOwnLimit(): void
    {
        self::assertSame([true, true, false], $this->registerFrom('192.0.2.1', '192.0.2.1', '192.0.2.1'));
        self::assertSame([true, true, false], $this->registerFrom('192.0.2.2', '192.0.2.2', '192.0.2.2'));
    }

    public function testANetworkOfIpv6IsOneAddress(): void
    {
        $answers = $this->registerFrom('2001:db8:0:1::1', '2001:db8:0:1:ffff::2', '2001:db8:0:1::3', '2001:db8:0:2::1');

        self::assertSame([true, true, false, true], $answers);
    }

    public function testIpv4WithinIpv6StaysOneAddress(): void
    {
        $answers = $this->registerFrom('::ffff:192.0.2.1', '::ffff:192.0.2.1', '::ffff:192.0.2.1', '::ffff:192.0.2.2');

        self::assertSame([true, true, false, true], $answers);
    }

    public function testTheLimitEndsAfterADay(): void
    {
        $this->registerFrom('192.0.2.1', '192.0.2.1');
        $this->clock->pass(86_399_999);
        self::assertSame([false], $this->registerFrom('192.0.2.1'));

        $this->clock->pass(1);

        self::assertSame([true], $this->registerFrom('192.0.2.1'));
    }

    /** @return list<bool> whether each was accepted */
    private function registerFrom(string ...$addresses): array
    {
        return array_map($this->isAccepted(...), array_values($addresses));
    }

    private function isAccepted(string $address): bool
    {
        try {
            $this->registered++;
            $this->registration->register("user-{$this->registered}", 'correct horse', null, true, $address);
        } catch (AccountRefused $refusal) {
            self::assertSame(RefusalKind::TooOften, $refusal->kind);

            return false;
        }

        return true;
    }
}
