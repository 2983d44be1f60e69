<?php

declare(strict_types=1);

namespace CrowdSky\Tests\Trust;

use CrowdSky\Trust\TrustPolicy;
use CrowdSky\Workers\TrustLevel;
use PHPUnit\Framework\TestCase;

final class TrustPolicyTest extends TestCase
{
    public function testOnlyVolunteersWait(): void
    {
        $policy = new TrustPolicy(10, 1, static fn (): float => 0.0);

        $held = array_map(static fn (TrustLevel $level): bool => $policy->holds($level, 0), TrustLevel::cases());

        self::assertSame(['trusted' => false, 'standard' => false, 'volunteer' => true], array_combine(array_column(TrustLevel::cases(), 'value'), $held));
    }

    public function testEverythingIsHeldUntilProbationIsOver(): void
    {
        $policy = new TrustPolicy(10, 0, static fn (): float => 0.0);

        self::assertTrue($policy->holds(TrustLevel::Volunteer, 9));
        self::assertFalse($policy->holds(TrustLevel::Volunteer, 10));
    }

    public function testLaterOneInSoManyIsDrawn(): void
    {
        $held = [];
        foreach ([0.0, 0.0499, 0.05, 0.999] as $chance) {
            $held[] = (new TrustPolicy(10, 20, static fn (): float => $chance))->holds(TrustLevel::Volunteer, 10);
        }

        self::assertSame([true, true, false, false], $held);
    }

    public function testLevelsLiveInTheScopes(): void
    {
        self::assertSame(TrustLevel::Standard, TrustLevel::ofScopes(['jobs', 'cleanup']));
        self::assertSame(TrustLevel::Trusted, TrustLevel::ofScopes(['jobs', 'trusted']));
        self::assertSame(TrustLevel::Volunteer, TrustLevel::ofScopes(['jobs', 'trusted', 'volunteer']));
        self::assertSame(['jobs', 'cleanup', 'volunteer'], TrustLevel::Volunteer->inScopes(['jobs', 'trusted', 'cleanup']));
        self::assertSame(['jobs'], TrustLevel::Standard->inScopes(['jobs', 'volunteer']));
    }
}
