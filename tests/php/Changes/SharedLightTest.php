<?php

declare(strict_types=1);

namespace CrowdSky\Tests\Changes;

use CrowdSky\Accounts\User;
use CrowdSky\Calibrations\CalibrationScope;
use CrowdSky\Calibrations\FieldEpochs;
use CrowdSky\Changes\StackChanges;
use CrowdSky\Database\Database;
use CrowdSky\Results\StackVisibility;
use CrowdSky\Sky\CountedLight;
use CrowdSky\Sky\Viewer;
use CrowdSky\Sky\Visibility;
use CrowdSky\Stacks\StackArchive;
use CrowdSky\Tests\Calibrations\SmallSky;
use CrowdSky\Tests\Database\StillClock;
use PHPUnit\Framework\TestCase;

final class SharedLightTest extends TestCase
{
    private SmallSky $sky;
    private Database $database;
    private StackChanges $changes;
    private int $ann;
    private int $bob;

    protected function setUp(): void
    {
        $this->sky = new SmallSky(new StillClock());
        $this->database = $this->sky->database;
        $this->changes = new StackChanges($this->database);
        $this->ann = $this->sky->user('ann');
        $this->bob = $this->sky->user('bob');
    }

    public function testTheSameSubsOfTwoAccountsCountOnce(): void
    {
        $first = $this->stack($this->ann, ['a', 'b', 'c']);
        $copy = $this->stack($this->bob, ['a', 'b', 'c']);
        $other = $this->stack($this->bob, ['d']);

        self::assertSame([$first, $other], $this->counted(Viewer::public()));
        self::assertSame([$first, $other], $this->counted(Viewer::owner($this->ann)));
        self::assertSame([$copy, $other], $this->counted(Viewer::owner($this->bob)), "one's own goes before that of others");
        self::assertSame([$first, $other], $this->counted(Viewer::owner(99)));
        self::assertSame([$first, $other], $this->counted($this->everything()));
    }

    public function testSamePixelsUnderAnotherHeaderAreTheSameLight(): void
    {
        $first = $this->stack($this->ann, ['a', 'b'], pixels: true);
        $this->stack($this->bob, ['c', 'd'], pixels: true);

        self::assertSame([$first], $this->counted(Viewer::public()));
    }

    public function testAPrivateCopyHidesAndTellsNothing(): void
    {
        $first = $this->stack($this->ann, ['a', 'b'], visibility: 'private');
        $copy = $this->stack($this->bob, ['a', 'b']);

        self::assertSame([$copy], $this->counted(Viewer::public()));
        self::assertSame([$copy], $this->counted(Viewer::owner($this->bob)));
        self::assertSame([$first], $this->counted(Viewer::owner($this->ann)));
        $archive = new StackArchive($this->database);
        $archive->setVisibility($first, $this->ann, StackVisibility::Public);
        self::assertSame([$copy], $this->counted(Viewer::public()), 'it was public first, although it came later');

        $archive->setVisibility($copy, $this->bob, StackVisibility::Private);
        self::assertSame([$first], $this->counted(Viewer::public()));
        $archive->setVisibility($copy, $this->bob, StackVisibility::Public);
        self::assertSame([$first], $this->counted(Viewer::public()));
    }

    public function testACopyCountsOnceTheOtherIsDeleted(): void
    {
        $first = $this->stack($this->ann, ['a', 'b']);
        $copy = $this->stack($this->bob, ['a', 'b']);
        $parts = $this->changes->counts();
        $this->changes->noteRemoval($first, fn () => $this->database->execute('DELETE FROM stacked_frames WHERE id = ?', [$first]));

        self::assertSame([$copy], $this->counted(Viewer::public()));
        self::assertSame(0, (int) $this->database->value('SELECT shares_light FROM stacked_frames WHERE id = ?', [$copy]));
        self::assertSame(0, (int) $this->database->value('SELECT COUNT(*) FROM light_choices'));
        self::assertNotSame($parts, $this->changes->counts(), 'copies of the archive read them again');
    }

    public function testSubsThatAreLeftOutAreInNoStack(): void
    {
        $first = $this->stack($this->ann, ['a', 'b']);
        $this->database->execute("UPDATE raw_files SET left_out = 'a copy'");
        $other = $this->stack($this->bob, ['a', 'b']);

        self::assertSame([$first, $other], $this->counted(Viewer::public()));
    }

    public function testStacksOfBeforeAreComparedLater(): void
    {
        $first = $this->stack($this->ann, ['a', 'b'], isNoted: false);
        $this->stack($this->bob, ['a', 'b'], isNoted: false);
        $this->database->execute('UPDATE stacked_frames SET shares_light = -1');
        self::assertCount(2, $this->counted(Viewer::public()));

        self::assertGreaterThan(0, $this->changes->noteOld(10));
        self::assertSame([$first], $this->counted(Viewer::public()));
        self::assertSame(0, $this->changes->noteOld(10));
    }

    public function testACalibrationGetsACopyOnlyToFitItsZeroPoint(): void
    {
        $first = $this->stack($this->ann, ['a', 'b']);
        $copy = $this->stack($this->bob, ['a', 'b']);
        $epochs = new FieldEpochs($this->database);
        $public = new CalibrationScope($this->sky->field, 0);
        $before = FieldEpochs::fingerprint($epochs->of($public), []);

        self::assertSame([$this->epoch($copy) => $this->epoch($first)], $epochs->copies($public));
        self::assertCount(2, $epochs->of($public));
        self::assertNotSame($before, FieldEpochs::fingerprint($epochs->of($public), [], $epochs->copies($public)));
        self::assertSame([$this->epoch($first) => $this->epoch($copy)], $epochs->copies(new CalibrationScope($this->sky->field, $this->bob)));
    }

    /** @param list<string> $subs */
    private function stack(int $owner, array $subs, string $visibility = 'public', bool $pixels = false, bool $isNoted = true): int
    {
        [$stack, $epoch] = $this->sky->epoch($owner, $visibility);
        $this->database->execute('UPDATE epochs SET n_stars = 1 WHERE id = ?', [$epoch]);
        $job = $this->database->one('SELECT id, upload_session_id FROM stacking_jobs WHERE id = (SELECT job_id FROM stacked_frames WHERE id = ?)', [$stack]) ?? [];
        foreach ($subs as $number => $sub) {
            $this->database->insert('raw_files', [
                'user_id' => $owner, 'upload_session_id' => $job['upload_session_id'], 'job_id' => $job['id'], 'filename' => "$sub.fit",
                'sha256' => hash('sha256', $sub), 'pixel_mark' => $pixels ? str_repeat((string) $number, 32) : null,
                'file_size_bytes' => 1, 'created_at' => SmallSky::NOW,
            ]);
        }
        if ($isNoted) {
            $this->changes->note($stack);
        }
        return $stack;
    }

    /** @return list<int> */
    private function counted(Viewer $viewer): array
    {
        $where = Visibility::condition($viewer);
        $sql = 'SELECT s.id FROM ' . Visibility::FROM . " WHERE {$where->sql} AND " . CountedLight::condition($viewer)->sql . ' ORDER BY s.id';
        $found = array_map(intval(...), $this->database->column($sql, $where->values));
        $light = 'SELECT s.id FROM ' . Visibility::FROM . " WHERE {$where->sql} AND " . CountedLight::lightIn($viewer) . ' IS NULL ORDER BY s.id';
        self::assertSame($found, array_map(intval(...), $this->database->column($light, $where->values)));
        return $found;
    }

    private function everything(): Viewer
    {
        return Viewer::of(new User(98, 'root', User::ROLE_ADMIN, true, 1, null));
    }

    private function epoch(int $stack): int
    {
        return (int) $this->database->value('SELECT id FROM epochs WHERE stack_id = ?', [$stack]);
    }
}
