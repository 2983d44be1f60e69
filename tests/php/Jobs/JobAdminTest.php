<?php

declare(strict_types=1);

namespace CrowdSky\Tests\Jobs;

use CrowdSky\Base\Refusal;
use CrowdSky\Base\RefusalKind;
use CrowdSky\Database\Database;
use CrowdSky\Jobs\JobAdmin;
use CrowdSky\Jobs\JobEvents;
use CrowdSky\Jobs\JobRuns;
use CrowdSky\Jobs\JobStatus;
use CrowdSky\Jobs\JobStore;
use CrowdSky\Tests\Database\StillClock;
use CrowdSky\Tests\Database\TestDatabase;
use PHPUnit\Framework\TestCase;

final class JobAdminTest extends TestCase
{
    private const OWNER = 1;

    private Database $database;
    private JobStore $jobs;
    private JobEvents $events;
    private JobAdmin $admin;

    protected function setUp(): void
    {
        $clock = new StillClock();
        $this->database = TestDatabase::create($clock);
        $this->events = new JobEvents($this->database, $clock);
        $this->jobs = new JobStore($this->database, $this->events, new JobRuns($this->database, $clock), $clock);
        $this->admin = new JobAdmin($this->database, $this->jobs, $this->events, $clock);
        $this->database->insert('users', ['username' => 'owner', 'password_hash' => '-', 'created_at' => '-']);
        $this->database->insert('upload_sessions', ['user_id' => self::OWNER, 'session_token' => 't', 'created_at' => '-', 'last_activity_at' => '-']);
    }

    public function testEverythingButACompletedJobCanBeCancelled(): void
    {
        foreach (JobStatus::cases() as $status) {
            $job = $this->addJob($status);
            $refused = $this->refusal(fn () => $this->admin->cancel($job, 'admin:a'));
            self::assertSame($status === JobStatus::Completed ? RefusalKind::Conflict : null, $refused, $status->value);
            self::assertSame($status === JobStatus::Completed ? $status : JobStatus::Cancelled, $this->jobs->get($job)->status);
        }
    }

    public function testCancellingTwiceIsRecordedOnce(): void
    {
        $job = $this->addJob(JobStatus::Pending);

        $this->admin->cancel($job, 'user:owner', self::OWNER);
        $this->admin->cancel($job, 'user:owner', self::OWNER);

        self::assertSame([['2026-01-02 03:04:05', 'user:owner', 'cancelled', null]], array_map(array_values(...), $this->events->ofJob($job)));
    }

    public function testJobsOfOthersDoNotExist(): void
    {
        $job = $this->addJob(JobStatus::Failed);

        self::assertSame(RefusalKind::NotFound, $this->refusal(fn () => $this->admin->cancel($job, 'user:x', 2)));
        self::assertSame(RefusalKind::NotFound, $this->refusal(fn () => $this->admin->requeue($job, 'user:x', 2)));
        self::assertSame(RefusalKind::NotFound, $this->refusal(fn () => $this->admin->cancel(99, 'admin:a')));
        self::assertSame(JobStatus::Failed, $this->jobs->get($job)->status);
    }

    public function testARequeuedJobStartsOver(): void
    {
        foreach ([JobStatus::Failed, JobStatus::Cancelled, JobStatus::Retry] as $status) {
            $job = $this->addJob($status);
            $this->admin->requeue($job, 'admin:a');
            $after = $this->jobs->get($job);
            self::assertSame([JobStatus::Pending, 0, null, null], [$after->status, $after->attempts, $after->errorMessage, $after->notBefore]);
        }
    }

    public function testARunningOrCompletedJobIsNotRequeued(): void
    {
        self::assertSame(RefusalKind::Conflict, $this->refusal(fn () => $this->admin->requeue($this->addJob(JobStatus::Processing), 'admin:a')));
        self::assertSame(RefusalKind::Conflict, $this->refusal(fn () => $this->admin->requeue($this->addJob(JobStatus::Completed), 'admin:a')));
    }

    public function testAJobThatLostItsRawsIsNotRequeued(): void
    {
        $job = $this->addJob(JobStatus::Failed);
        $this->database->execute("UPDATE raw_files SET deleted_at = 'x' WHERE job_id = ?", [$job]);

        self::assertSame(RefusalKind::Conflict, $this->refusal(fn () => $this->admin->requeue($job, 'admin:a')));
        self::assertSame(JobStatus::Failed, $this->jobs->get($job)->status);
    }

    public function testPriorityIsForJobsThatMayStillRun(): void
    {
        $job = $this->addJob(JobStatus::Retry);

        $this->admin->setPriority($job, 7, 'admin:a');

        self::assertSame(7, $this->jobs->get($job)->priority);
        self::assertSame('0 to 7', $this->events->ofJob($job)[0]['detail']);
        self::assertSame(RefusalKind::BadInput, $this->refusal(fn () => $this->admin->setPriority($job, 1001, 'admin:a')));
        self::assertSame(RefusalKind::Conflict, $this->refusal(fn () => $this->admin->setPriority($this->addJob(JobStatus::Failed), 1, 'admin:a')));
    }

    public function testAChangeIsLostWhenTheJobMovedInBetween(): void
    {
        $before = $this->jobs->get($this->addJob(JobStatus::Pending));
        $this->admin->cancel($before->id, 'admin:a');

        self::assertFalse($this->jobs->move($before, JobStatus::Processing, [], 'worker:w', 'claimed'));
        self::assertSame(JobStatus::Cancelled, $this->jobs->get($before->id)->status);
    }

    public function testAMoveThatTheStatesDoNotKnowIsAMistakeOfTheProgram(): void
    {
        $this->expectException(\LogicException::class);
        $this->jobs->move($this->jobs->get($this->addJob(JobStatus::Completed)), JobStatus::Failed, [], 'x', 'x');
    }

    private function refusal(\Closure $act): ?RefusalKind
    {
        try {
            $act();
            return null;
        } catch (Refusal $refusal) {
            return $refusal->kind;
        }
    }

    private function addJob(JobStatus $status): int
    {
        $job = $this->database->insert('stacking_jobs', [
            'user_id' => self::OWNER,
            'upload_session_id' => 1,
            'status' => $status->value,
            'chunk_key' => 'k',
            'chunk_key_hp' => 'k',
            'time_block' => 'b',
            'group_key' => bin2hex(random_bytes(8)),
            'frame_count' => 1,
            'total_bytes' => 1,
            'attempts' => 2,
            'error_message' => 'x',
            'not_before' => 5,
            'created_at' => '-',
            'updated_at' => '-',
        ]);
        $this->database->insert('raw_files', ['upload_session_id' => 1, 'user_id' => self::OWNER, 'job_id' => $job, 'filename' => 'a.fit', 'storage_name' => "n$job", 'file_size_bytes' => 1, 'sha256' => hash('sha256', "of job $job"), 'created_at' => '-']);
        return $job;
    }
}
