<?php

declare(strict_types=1);

namespace CrowdSky\Tests\Uploads;

use CrowdSky\Accounts\User;
use CrowdSky\Base\DataFolder;
use CrowdSky\Base\Logger;
use CrowdSky\Base\RefusalKind;
use CrowdSky\Database\Database;
use CrowdSky\Database\DatabaseBusy;
use CrowdSky\Fits\HeaderReader;
use CrowdSky\Hosts\HostIdentity;
use CrowdSky\Storage\RawStore;
use CrowdSky\Storage\Spool;
use CrowdSky\Tests\Database\FlakyConnection;
use CrowdSky\Tests\Database\StillClock;
use CrowdSky\Tests\Database\TestDatabase;
use CrowdSky\Tests\Fits\FitsFile;
use CrowdSky\Uploads\DiskRoom;
use CrowdSky\Uploads\ExpectedResults;
use CrowdSky\Uploads\Quota;
use CrowdSky\Uploads\SubReceiver;
use CrowdSky\Uploads\SubStore;
use CrowdSky\Uploads\UploadSession;
use CrowdSky\Uploads\UploadSessions;
use PHPUnit\Framework\TestCase;

/** What becomes of the bytes of a sub when the connection to the database breaks while it is written down. */
final class SubReceiverTest extends TestCase
{
    private const COMMIT = 'COMMIT';
    private const INSERT = 'INSERT INTO raw_files';

    private string $folder;
    private FlakyConnection $connection;
    private Database $database;
    private UploadSessions $sessions;
    private SubReceiver $receiver;
    private User $user;
    private UploadSession $session;

    protected function setUp(): void
    {
        $this->folder = sys_get_temp_dir() . '/receiver-' . bin2hex(random_bytes(8));
        mkdir("{$this->folder}/spool", 0o700, true);
        $clock = new StillClock();
        $this->connection = TestDatabase::connection();
        $this->database = TestDatabase::over($this->connection, $clock);
        $this->sessions = new UploadSessions($this->database, $clock);
        $quota = new Quota($this->database, $clock, 0);
        $log = new Logger("{$this->folder}/log/site.log", 'error', $clock);
        $host = new HostIdentity($this->database, DataFolder::open($this->folder), $clock, $log);
        $raws = new RawStore("{$this->folder}/raws");
        $this->receiver = new SubReceiver(
            $this->sessions,
            $quota,
            new DiskRoom(new ExpectedResults($this->database, true), $log, $clock, $this->folder, 0),
            new Spool("{$this->folder}/spool"),
            new HeaderReader(),
            new SubStore($this->database, $this->sessions, $quota, $raws, $host, $clock),
            1 << 20,
            15,
        );
        $this->user = $this->newUser();
        $this->session = $this->sessions->start($this->user);
    }

    protected function tearDown(): void
    {
        $inside = new \RecursiveDirectoryIterator($this->folder, \FilesystemIterator::SKIP_DOTS);
        foreach (new \RecursiveIteratorIterator($inside, \RecursiveIteratorIterator::CHILD_FIRST) as $path) {
            $path->isDir() ? rmdir((string) $path) : unlink((string) $path);
        }
        rmdir($this->folder);
    }

    /** @dataProvider connections */
    public function testACommitWhoseAnswerIsLostKeepsItsFile(bool $isBack): void
    {
        $this->connection->breakAt(self::COMMIT, isSent: true, isBack: $isBack);
        $this->assertBusy();

        $this->connection->mend();
        self::assertSame([$this->onlyStoredName()], $this->filesKept());
        self::assertTrue($this->send()['duplicate'] ?? false);
        self::assertSame([$this->onlyStoredName()], $this->filesKept());
    }

    /** @dataProvider connections */
    public function testACommitThatIsNotDoneLeavesAtMostAFileWithoutARow(bool $isBack): void
    {
        $this->connection->breakAt(self::COMMIT, isSent: false, isBack: $isBack);
        $this->assertBusy();
        self::assertCount($isBack ? 0 : 1, $this->filesKept());

        $this->connection->mend();
        self::assertArrayNotHasKey('duplicate', $this->send());
        self::assertContains($this->onlyStoredName(), $this->filesKept());
    }

    /** @return iterable<string, array{bool}> */
    public static function connections(): iterable
    {
        yield 'the connection is back' => [true];
        yield 'the connection is gone' => [false];
    }

    public function testARowThatCannotBeWrittenLeavesNothing(): void
    {
        $this->connection->breakAt(self::INSERT, isSent: false, isBack: true);
        $this->assertBusy();

        self::assertSame([], $this->filesKept());
    }

    public function testASubThatIsSentAgainReplacesItsLostFile(): void
    {
        $this->send();
        $path = "{$this->folder}/raws/{$this->onlyStoredName()}";
        unlink($path);

        self::assertTrue($this->send()['duplicate'] ?? false);

        self::assertSame([$this->onlyStoredName()], $this->filesKept());
        self::assertSame(FitsFile::bytes(), file_get_contents($path));
    }

    private function assertBusy(): void
    {
        try {
            $this->send();
            self::fail('the broken connection was not noticed');
        } catch (DatabaseBusy $error) {
            self::assertSame(RefusalKind::Unavailable, $error->kind);
        }
        self::assertSame([], glob("{$this->folder}/spool/*"));
    }

    /** @return array<string, mixed> the answer */
    private function send(): array
    {
        $bytes = fopen('php://memory', 'w+b');
        self::assertNotFalse($bytes);
        fwrite($bytes, FitsFile::bytes());
        rewind($bytes);
        return $this->receiver->receive($this->user, $this->session->token, 'Light.fit', $bytes, null);
    }

    private function onlyStoredName(): string
    {
        $rows = $this->database->all('SELECT storage_name FROM raw_files');
        self::assertCount(1, $rows);
        return $rows[0]['storage_name'];
    }

    /** @return list<string> storage names of the files that are there */
    private function filesKept(): array
    {
        $files = glob("{$this->folder}/raws/u*/s*/*") ?: [];
        return array_map(fn (string $path): string => substr($path, strlen("{$this->folder}/raws/")), $files);
    }

    private function newUser(): User
    {
        $id = $this->database->insert('users', [
            'username' => 'anna',
            'password_hash' => 'x',
            'role' => User::ROLE_USER,
            'created_at' => '2026-01-01 00:00:00',
        ]);
        return User::fromRow((array) $this->database->one('SELECT * FROM users WHERE id = ?', [$id]));
    }
}
