<?php

declare(strict_types=1);

namespace CrowdSky\Tests\Uploads;

use CrowdSky\Accounts\User;
use CrowdSky\Base\Logger;
use CrowdSky\Base\Refusal;
use CrowdSky\Base\RefusalKind;
use CrowdSky\Chunks\Closeness;
use CrowdSky\Database\Database;
use CrowdSky\Jobs\JobEvents;
use CrowdSky\Jobs\JobRevival;
use CrowdSky\Jobs\JobRuns;
use CrowdSky\Jobs\JobStore;
use CrowdSky\Storage\RawStore;
use CrowdSky\Tests\Database\StillClock;
use CrowdSky\Tests\Database\TestDatabase;
use CrowdSky\Tests\Database\WatchedConnection;
use CrowdSky\Uploads\ChunkJobs;
use CrowdSky\Uploads\ChunkPlacement;
use CrowdSky\Uploads\FinalizedUpload;
use CrowdSky\Uploads\Finalizer;
use CrowdSky\Uploads\LeftOutSubs;
use CrowdSky\Uploads\UploadSession;
use CrowdSky\Uploads\UploadSessions;
use PHPUnit\Framework\TestCase;

/** What the end of an upload asks of the database, and what it does while others wait for that. */
final class FinalizerTest extends TestCase
{
    private const BEGIN = 'BEGIN IMMEDIATE';

    private string $folder;
    private WatchedConnection $connection;
    private Database $database;
    private UploadSessions $sessions;
    private StillClock $clock;
    private User $user;
    private int $subs = 0;

    protected function setUp(): void
    {
        $this->folder = sys_get_temp_dir() . '/finalizer-' . bin2hex(random_bytes(8));
        mkdir($this->folder);
        $this->clock = new StillClock();
        $this->connection = WatchedConnection::open();
        $this->database = TestDatabase::over($this->connection, $this->clock);
        $this->sessions = new UploadSessions($this->database, $this->clock);
        $id = $this->database->insert('users', ['username' => 'u', 'password_hash' => '-', 'created_at' => '2026-01-01 00:00:00']);
        $this->user = User::fromRow($this->database->one('SELECT * FROM users WHERE id = ?', [$id]));
    }

    protected function tearDown(): void
    {
        array_map('unlink', glob("{$this->folder}/*"));
        rmdir($this->folder);
    }

    public function testTheGroupingIsDoneBeforeOthersHaveToWait(): void
    {
        $session = $this->upload(300);
        $closeness = new Closeness(10.0);
        $counts = [];
        $this->connection->watch(function (string $sql) use ($closeness, &$counts): void {
            if (in_array($sql, [self::BEGIN, 'COMMIT'], true)) {
                $counts[] = $closeness->comparisons;
            }
        });

        $this->finalize($session, $closeness);

        self::assertGreaterThan(0, $counts[0]);
        self::assertSame($counts[0], $counts[1]);
    }

    public function testNeitherStatementsNorComparisonsGrowFasterThanTheSubs(): void
    {
        self::assertLessThanOrEqual(10 * $this->cost(150), $this->cost(1200));
    }

    public function testTheJobsOfABlockAreFoundByAnIndex(): void
    {
        $plans = [];
        $this->finalize($this->upload(1), new Closeness(0.25));
        $this->connection->watch(function (string $sql) use (&$plans): void {
            if (str_contains($sql, 'j.time_block =')) {
                $this->connection->watch(static fn (string $sql) => null);
                $plan = $this->connection->query('EXPLAIN QUERY PLAN ' . strtr($sql, ['?' => "'1'"]))->fetchAll();
                $plans[] = implode("\n", array_column($plan, 'detail'));
            }
        });

        $this->finalize($this->upload(1), new Closeness(0.25));

        self::assertStringContainsString('stacking_jobs_owner_block (user_id=? AND time_block=?)', $plans[0]);
    }

    public function testASubThatArrivesWhileTheOthersAreGroupedIsQueuedToo(): void
    {
        $session = $this->upload(3);
        $this->beforeBegin(1, fn () => $this->add($session));

        $this->finalize($session, new Closeness(0.25));

        self::assertSame(4, (int) $this->database->value('SELECT SUM(frame_count) FROM stacking_jobs'));
        self::assertSame(0, (int) $this->database->value('SELECT COUNT(*) FROM raw_files WHERE job_id IS NULL'));
    }

    public function testASessionThatNeverStandsStillIsRefusedAndStaysOpen(): void
    {
        $session = $this->upload(1);
        $this->beforeBegin(100, fn () => $this->add($session));

        try {
            $this->finalize($session, new Closeness(0.25));
            self::fail('The upload was taken');
        } catch (Refusal $refusal) {
            self::assertSame(RefusalKind::Unavailable, $refusal->kind);
        }
        self::assertSame(UploadSession::UPLOADING, $this->sessions->find($this->user, $session->token)->status);
        self::assertSame(0, (int) $this->database->value('SELECT COUNT(*) FROM stacking_jobs'));
    }

    /** Returns what two sessions of scattered subs cost: new jobs first, then others beside waiting ones. */
    private function cost(int $subs): int
    {
        $cost = 0;
        $this->connection->watch(function () use (&$cost): void {
            $cost++;
        });
        $closeness = new Closeness(0.25);
        $sessions = [$this->upload($subs), $this->upload($subs)];
        $cost = 0;
        foreach ($sessions as $session) {
            $this->finalize($session, $closeness);
        }
        $this->database->execute("UPDATE stacking_jobs SET status = 'failed'");

        return $cost + $closeness->comparisons;
    }

    private function beforeBegin(int $times, \Closure $act): void
    {
        $this->connection->watch(function (string $sql) use (&$times, $act): void {
            if ($sql === self::BEGIN && $times > 0) {
                $times--;
                $act();
            }
        });
    }

    private function finalize(UploadSession $session, Closeness $closeness): FinalizedUpload
    {
        $events = new JobEvents($this->database, $this->clock);
        $revival = new JobRevival(new JobStore($this->database, $events, new JobRuns($this->database, $this->clock), $this->clock));
        $leftOut = new LeftOutSubs($this->database, $this->clock);
        $jobs = new ChunkJobs($this->database, $events, $leftOut, $this->clock, 3);
        $finalizer = new Finalizer(
            $this->database,
            $this->sessions,
            $closeness,
            new ChunkPlacement($this->database, $revival, $jobs, $leftOut, $closeness),
            new RawStore("{$this->folder}/raws"),
            new Logger("{$this->folder}/log", 'info', $this->clock),
        );
        return $finalizer->finalize($this->user, $session->token);
    }

    /** Opens a session with subs of one block, each pointing elsewhere on the sky. */
    private function upload(int $subs): UploadSession
    {
        $session = $this->sessions->start($this->user);
        for ($sub = 0; $sub < $subs; $sub++) {
            $this->add($session);
        }
        return $session;
    }

    private function add(UploadSession $session): void
    {
        $number = ++$this->subs;
        $this->database->insert('raw_files', [
            'upload_session_id' => $session->id,
            'user_id' => $this->user->id,
            'filename' => 'light.fit',
            'storage_name' => "s$number",
            'file_size_bytes' => 1,
            'sha256' => hash('sha256', "$number"),
            'created_at' => '2026-01-01 00:00:00',
            'time_block' => '20250327.05',
            'fits_date_obs' => '2025-03-27 01:20:00',
            // The plastic number spreads points evenly over a square.
            'fits_ra' => 360.0 * fmod(0.7548776662 * $number, 1.0),
            'fits_dec' => rad2deg(asin(2.0 * fmod(0.5698402910 * $number, 1.0) - 1.0)),
            'naxis1' => 1080,
            'naxis2' => 1920,
        ]);
    }
}
