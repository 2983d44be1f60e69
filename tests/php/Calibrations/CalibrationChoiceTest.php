<?php

declare(strict_types=1);

namespace CrowdSky\Tests\Calibrations;

use CrowdSky\Accounts\User;
use CrowdSky\Base\Refusal;
use CrowdSky\Calibrations\Calibration;
use CrowdSky\Calibrations\CalibrationChoice;
use CrowdSky\Sky\Viewer;
use CrowdSky\Tests\Database\StillClock;
use PHPUnit\Framework\TestCase;

final class CalibrationChoiceTest extends TestCase
{
    private SmallSky $sky;
    private CalibrationChoice $choice;

    protected function setUp(): void
    {
        $this->sky = new SmallSky(new StillClock());
        $this->choice = new CalibrationChoice($this->sky->database);
    }

    public function testEveryoneHasTheNewestPublicVersionUntilTheyHaveOneOfTheirOwn(): void
    {
        [$anna, $ben] = [$this->sky->user('anna'), $this->sky->user('ben')];
        [, $shown] = $this->sky->epoch($anna);
        [$hiddenStack, $hidden] = $this->sky->epoch($anna, 'private');
        self::assertSame([], $this->names(Viewer::public()));

        $this->sky->calibration(0, 9, [$shown => 21.0]);
        $this->sky->calibration(0, 10, [$shown => 21.5]);
        self::assertSame(['10'], $this->names($this->viewer($anna)), 'until the first one of their scope, owners have the public one');

        $this->sky->calibration($anna, 1, [$shown => 21.6, $hidden => 20.5]);
        self::assertSame(['own-1'], $this->names($this->viewer($anna)));
        self::assertSame(['10'], $this->names($this->viewer($ben)));
        self::assertSame(['10'], $this->names(Viewer::public()));

        $this->sky->database->execute("UPDATE stacked_frames SET visibility = 'public' WHERE id = ?", [$hiddenStack]);
        self::assertSame(['10'], $this->names($this->viewer($anna)), 'nothing renews a scope without private stacks');
    }

    public function testWhoSeesAllHasTheVersionsOfOwnersForWhatIsInNoPublicOne(): void
    {
        $anna = $this->sky->user('anna');
        [, $shown] = $this->sky->epoch($anna);
        [, $hidden] = $this->sky->epoch($anna, 'private');
        [, $new] = $this->sky->epoch($anna);
        $this->sky->calibration(0, 1, [$shown => 21.5]);
        $this->sky->calibration($anna, 1, [$shown => 21.6, $hidden => 20.5]);

        $calibrations = $this->choice->forViewer($this->sky->field, $this->viewer($this->sky->user('boss', 'admin')));
        $points = $this->choice->zeroPoints($calibrations, [$shown, $hidden, $new]);

        self::assertSame([21.5, 20.5], [$points[$shown]['G']->zeroPoint, $points[$hidden]['G']->zeroPoint]);
        self::assertArrayNotHasKey($new, $points);
    }

    public function testVersionsAreAskedForByName(): void
    {
        [$anna, $ben] = [$this->sky->user('anna'), $this->sky->user('ben')];
        $this->sky->calibration(0, 1);
        $this->sky->calibration(0, 2);
        $own = $this->sky->calibration($anna, 1);
        $this->sky->calibration($ben, 7);
        $viewer = $this->viewer($anna);

        self::assertSame(['own-1', '2', '1'], array_map(static fn (Calibration $one): string => $one->name(), $this->choice->versions($this->sky->field, $viewer)));
        self::assertSame(2, $this->choice->named($this->sky->field, $viewer, '2')->version);
        self::assertSame($own, $this->choice->named($this->sky->field, $viewer, 'own-1')->id);
        self::assertSame('2', $this->choice->named($this->sky->field, Viewer::public(), '2')->name());
        foreach (['3', 'own-7', 'own-0', '0', 'newest', "2\n", '2 OR 1'] as $name) {
            $this->assertRefused($viewer, $name);
        }
        $this->assertRefused(Viewer::public(), 'own-1');
    }

    public function testAZeroPointHoldsForThePlaceAndColourOfAStar(): void
    {
        [, $epoch] = $this->sky->epoch($this->sky->user('anna'));
        $this->sky->calibration(0, 1, [$epoch => 21.0]);
        $zeroPoint = $this->choice->zeroPoints($this->choice->forViewer($this->sky->field, Viewer::public()), [$epoch])[$epoch]['G'];

        self::assertEqualsWithDelta(21.0, $zeroPoint->at(50.0, 20.0, 101, 41, null), 1e-9, 'the middle');
        self::assertEqualsWithDelta(21.05, $zeroPoint->at(50.0, 20.0, 101, 41, 0.5), 1e-9, 'a redder star');
        self::assertEqualsWithDelta(21.0 + 0.02 + 0.03 + 0.04 + 0.05 + 0.06, $zeroPoint->at(100.0, 40.0, 101, 41, null), 1e-9, 'a corner');
        self::assertEqualsWithDelta(21.0 - 0.02 + 0.03 + 0.04 - 0.05 + 0.06, $zeroPoint->at(0.0, 40.0, 101, 41, null), 1e-9, 'another one');
    }

    public function testStarsOfACalibration(): void
    {
        $calibration = $this->sky->calibration(0, 1);
        [$first, $second] = [$this->sky->star([]), $this->sky->star([])];
        $this->sky->database->insert('star_calibrations', [
            'calibration_id' => $calibration, 'star_id' => $first, 'band' => 'R', 'mag' => 10.5, 'mag_error' => 0.01, 'colour' => null,
            'n_epochs' => 12, 'scatter_mag' => null, 'chi2' => null, 'extra_mag' => 0.02, 'flags' => 64,
        ]);
        $stars = $this->choice->stars($this->choice->named($this->sky->field, Viewer::public(), '1'), [$first, $second]);

        self::assertSame([$first], array_keys($stars));
        $star = $stars[$first]['R'];
        self::assertSame([10.5, 0.01, null, 12, null, null, 0.02, 64], [
            $star->mag, $star->error, $star->colour, $star->epochs, $star->scatter, $star->chi2, $star->extra, $star->flags,
        ]);
    }

    /** @return list<string> */
    private function names(Viewer $viewer): array
    {
        return array_map(static fn (Calibration $one): string => $one->name(), $this->choice->forViewer($this->sky->field, $viewer));
    }

    private function viewer(int $userId): Viewer
    {
        return Viewer::of(User::fromRow($this->sky->database->one('SELECT * FROM users WHERE id = ?', [$userId]) ?? []));
    }

    private function assertRefused(Viewer $viewer, string $name): void
    {
        try {
            $this->choice->named($this->sky->field, $viewer, $name);
        } catch (Refusal) {
            $this->addToAssertionCount(1);
            return;
        }
        self::fail("'$name' was found");
    }
}
