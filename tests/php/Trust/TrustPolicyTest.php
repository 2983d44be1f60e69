<?php

declare(strict_types=1);

namespace CrowdSky\Tests\Trust;

use CrowdSky\Jobs\JobKind;
use CrowdSky\Jobs\LeaseHolder;
use CrowdSky\Trust\HeldResult;
use CrowdSky\Trust\Hold;
use CrowdSky\Trust\Publish;
use CrowdSky\Trust\ResultFigures;
use CrowdSky\Trust\TrustPolicy;
use CrowdSky\Workers\ApiKey;
use CrowdSky\Workers\TrustLevel;
use PHPUnit\Framework\TestCase;

final class TrustPolicyTest extends TestCase
{
    private const REPORT = [
        'path' => '/crowdsky/stacks/user_1/M31/stack_1.fits', 'beside' => [],
        'size' => 1, 'sha256' => null, 'thumbnailSize' => null, 'framesInput' => null, 'framesAligned' => 10, 'totalExposure' => null,
        'dateObsStart' => null, 'dateObsEnd' => null, 'raDeg' => null, 'decDeg' => null, 'stars' => null, 'engine' => null,
        'notes' => [], 'measurement' => null,
    ];

    public function testOnlyVolunteersWait(): void
    {
        $policy = new TrustPolicy(10, 1, static fn (): float => 0.0);

        $held = array_map(static fn (TrustLevel $level): bool => self::isHeld($policy, $level, 0), TrustLevel::cases());

        self::assertSame(['trusted' => false, 'standard' => false, 'volunteer' => true], array_combine(array_column(TrustLevel::cases(), 'value'), $held));
    }

    public function testEverythingIsHeldUntilProbationIsOver(): void
    {
        $policy = new TrustPolicy(10, 0, static fn (): float => 0.0);

        self::assertTrue(self::isHeld($policy, TrustLevel::Volunteer, 9));
        self::assertFalse(self::isHeld($policy, TrustLevel::Volunteer, 10));
    }

    public function testLaterOneInSoManyIsDrawn(): void
    {
        $held = [];
        foreach ([0.0, 0.0499, 0.05, 0.999] as $chance) {
            $held[] = self::isHeld(new TrustPolicy(10, 20, static fn (): float => $chance), TrustLevel::Volunteer, 10);
        }

        self::assertSame([true, true, false, false], $held);
    }

    public function testTheFirstResultWaitsWithoutAFinding(): void
    {
        $decision = $this->decide(TrustLevel::Volunteer, 12, []);

        self::assertInstanceOf(Hold::class, $decision);
        self::assertNull($decision->finding);
        self::assertSame(12, $decision->figures->framesUsed);
    }

    public function testARescanDoesNotWait(): void
    {
        $decision = $this->decide(TrustLevel::Volunteer, 12, [], JobKind::Rescan);

        self::assertEquals(new Publish(), $decision);
    }

    public function testAVolunteersResultIsConfirmedByAnyThatAgrees(): void
    {
        self::assertEquals(new Publish(isConfirmed: true), $this->decide(TrustLevel::Volunteer, 12, [self::waiting(20), self::waiting(12)]));
    }

    public function testAVolunteersResultWaitsWithAllDifferencesWhenNoneAgrees(): void
    {
        $decision = $this->decide(TrustLevel::Volunteer, 12, [self::waiting(20), self::waiting(5)]);

        self::assertInstanceOf(Hold::class, $decision);
        self::assertSame('12 frames were combined, not 20; 12 frames were combined, not 5', $decision->finding);
    }

    public function testOthersDoNotWaitForVolunteersToAgree(): void
    {
        foreach ([TrustLevel::Trusted, TrustLevel::Standard] as $level) {
            self::assertEquals(new Publish(), $this->decide($level, 12, [self::waiting(20)]));
        }
    }

    public function testLevelsLiveInTheScopes(): void
    {
        self::assertSame(TrustLevel::Standard, TrustLevel::ofScopes(['jobs', 'cleanup']));
        self::assertSame(TrustLevel::Trusted, TrustLevel::ofScopes(['jobs', 'trusted']));
        self::assertSame(TrustLevel::Volunteer, TrustLevel::ofScopes(['jobs', 'trusted', 'volunteer']));
        self::assertSame(['jobs', 'cleanup', 'volunteer'], TrustLevel::Volunteer->inScopes(['jobs', 'trusted', 'cleanup']));
        self::assertSame(['jobs'], TrustLevel::Standard->inScopes(['jobs', 'volunteer']));
    }

    /**
     * Decides about a result of a key that has earned nothing yet.
     *
     * @param list<HeldResult> $waiting
     */
    private function decide(TrustLevel $level, int $frames, array $waiting, JobKind $kind = JobKind::Stack): Publish|Hold
    {
        $policy = new TrustPolicy(10, 0, static fn (): float => 0.0);
        return $policy->decide($kind, self::holder($level, 0), self::figures($frames), $waiting);
    }

    private static function isHeld(TrustPolicy $policy, TrustLevel $level, int $agreedInRow): bool
    {
        return $policy->decide(JobKind::Stack, self::holder($level, $agreedInRow), self::figures(12), []) instanceof Hold;
    }

    private static function holder(TrustLevel $level, int $agreedInRow): LeaseHolder
    {
        return LeaseHolder::with(ApiKey::fromRow([
            'id' => 1,
            'kind' => 'worker',
            'user_id' => null,
            'name' => 'barn',
            'key_hint' => 'abcd',
            'scopes' => implode(' ', $level->inScopes(['jobs'])),
            'created_at' => '2026-01-01 00:00:00',
            'last_used_at' => null,
            'last_ip' => null,
            'expires_at' => null,
            'revoked_at' => null,
            'agreed_in_row' => $agreedInRow,
            'quarantined_at' => null,
            'quarantine_reason' => null,
        ]), null);
    }

    private static function waiting(int $frames): HeldResult
    {
        return HeldResult::fromRow([
            'id' => 1,
            'job_id' => 1,
            'api_key_id' => 2,
            'worker_name' => 'roof',
            'path' => self::REPORT['path'],
            'file_size_bytes' => 1,
            'sha256' => str_repeat('0', 64),
            'report' => json_encode(self::REPORT, JSON_THROW_ON_ERROR),
            'figures' => self::figures($frames)->toStored(),
            'finding' => null,
            'held_at' => '2026-01-01 00:00:00',
            'frame_count' => 12,
        ]);
    }

    private static function figures(int $frames): ResultFigures
    {
        return new ResultFigures($frames, null, null, null, [], [], []);
    }
}
