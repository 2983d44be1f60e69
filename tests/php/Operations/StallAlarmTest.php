<?php

declare(strict_types=1);

namespace CrowdSky\Tests\Operations;

use CrowdSky\Database\Database;
use CrowdSky\Operations\QueueState;
use CrowdSky\Operations\StallAlarm;
use CrowdSky\Queue\LeaseTerm;
use CrowdSky\Tests\Database\StillClock;
use CrowdSky\Tests\Database\TestDatabase;
use PHPUnit\Framework\TestCase;

/** The clock stands at 2026-01-02 03:04:05; the limit is 30 minutes. */
final class StallAlarmTest extends TestCase
{
    private const LONG_AGO = '2026-01-02 02:34:05';
    private const LATELY = '2026-01-02 02:34:06';

    private StillClock $clock;
    private Database $database;
    private int $jobs = 0;

    protected function setUp(): void
    {
        $this->clock = new StillClock();
        $this->database = TestDatabase::create($this->clock);
        $this->database->insert('users', ['username' => 'u', 'password_hash' => '-', 'created_at' => self::LONG_AGO]);
        $this->database->insert('upload_sessions', [
            'user_id' => 1,
            'session_token' => 't',
            'created_at' => self::LONG_AGO,
            'last_activity_at' => self::LONG_AGO,
        ]);
    }

    public function testAnEmptyQueueIsNoAlarm(): void
    {
        self::assertFalse($this->isStalled());
    }

    public function testAJobThatWaitedForLongIsOneWhenNothingWasEverCompleted(): void
    {
        $this->add('pending', self::LONG_AGO);

        self::assertTrue($this->isStalled());
    }

    public function testAJobThatJustCameIsNone(): void
    {
        $this->add('completed', self::LONG_AGO);
        $this->add('pending', self::LATELY);

        self::assertFalse($this->isStalled());
    }

    public function testCompletionsDecideAndNotHowLongTheQueueIs(): void
    {
        $this->add('pending', self::LONG_AGO);
        $this->add('completed', self::LATELY);
        self::assertFalse($this->isStalled());

        $this->clock->pass(1000);

        self::assertTrue($this->isStalled());
    }

    public function testOnlyJobsThatAClaimCouldTakeAreWaiting(): void
    {
        foreach (['processing', 'failed', 'cancelled'] as $status) {
            $this->add($status, self::LONG_AGO);
        }
        $this->add('retry', self::LONG_AGO, $this->clock->milliseconds() + 1);
        self::assertFalse($this->isStalled());

        $this->clock->pass(1);

        self::assertTrue($this->isStalled());
    }

    public function testSaysSinceWhen(): void
    {
        $this->add('pending', self::LATELY);
        $this->add('pending', self::LONG_AGO);
        $this->add('completed', self::LATELY);

        $state = $this->look();

        self::assertSame([2, self::LONG_AGO, self::LATELY], [$state->waiting, $state->waitingSince, $state->lastCompletedAt]);
    }

    public function testAJobThatRunsForMoreThanHalfOfItsLongestTimeIsOneThoughNothingWaits(): void
    {
        $this->add('processing', self::LATELY, startedAt: '2026-01-02 00:04:06');
        $this->add('processing', self::LATELY, startedAt: '2026-01-02 02:04:06', kind: 'rescan');
        $this->add('failed', self::LATELY, startedAt: '2026-01-01 00:00:00');
        self::assertSame([0, false], [$this->look()->longRuns, $this->isStalled()]);

        $this->clock->pass(1000);
        self::assertSame([2, true], [$this->look()->longRuns, $this->isStalled()]);

        $this->add('completed', '2026-01-02 03:00:00');
        self::assertSame([2, false], [$this->look()->longRuns, $this->isStalled()]);
    }

    private function isStalled(): bool
    {
        return $this->look()->isStalled;
    }

    private function look(): QueueState
    {
        return (new StallAlarm($this->database, $this->clock, 30, new LeaseTerm($this->clock, 300, 6, 2)))->look();
    }

    private function add(string $status, string $since, ?int $notBefore = null, ?string $startedAt = null, string $kind = 'stack'): void
    {
        $this->database->insert('stacking_jobs', [
            'user_id' => 1,
            'upload_session_id' => 1,
            'kind' => $kind,
            'status' => $status,
            'started_at' => $startedAt,
            'chunk_key' => 'k',
            'chunk_key_hp' => 'k',
            'time_block' => 'b',
            'group_key' => (string) $this->jobs++,
            'frame_count' => 1,
            'total_bytes' => 1,
            'not_before' => $notBefore,
            'created_at' => self::LONG_AGO,
            'updated_at' => $since,
            'completed_at' => $status === 'completed' ? $since : null,
        ]);
    }
}
