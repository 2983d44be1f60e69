<?php

declare(strict_types=1);

namespace CrowdSky\Tests\Stars;

use CrowdSky\Changes\StackChanges;
use CrowdSky\Database\Database;
use CrowdSky\Fits\HeaderCards;
use CrowdSky\Fits\SkyPosition;
use CrowdSky\Sky\Cone;
use CrowdSky\Sky\Viewer;
use CrowdSky\Stars\EpochFacts;
use CrowdSky\Stars\EpochRegister;
use CrowdSky\Stars\FoundStar;
use CrowdSky\Stars\MeasuredStack;
use CrowdSky\Stars\NewSourceRecords;
use CrowdSky\Stars\Observation;
use CrowdSky\Stars\StarRegister;
use CrowdSky\Stars\StarSearch;
use CrowdSky\Tests\Calibrations\SmallSky;
use CrowdSky\Tests\Database\StillClock;
use PHPUnit\Framework\TestCase;

final class EpochRegisterTest extends TestCase
{
    private const MJD = 61200.0;
    private const FLUXES = ['r' => 900.0, 'g' => 1000.0, 'b' => 1100.0];
    private const ERRORS = ['r' => 9.0, 'g' => 10.0, 'b' => 11.0];

    private SmallSky $sky;
    private Database $database;
    private EpochRegister $register;
    private int $owner;

    protected function setUp(): void
    {
        $clock = new StillClock();
        $this->sky = new SmallSky($clock);
        $this->database = $this->sky->database;
        $this->register = new EpochRegister(
            $this->database,
            new StarRegister($this->database),
            new NewSourceRecords($this->database),
            new StackChanges($this->database),
            $clock,
        );
        $this->owner = $this->sky->user('ann');
    }

    public function testTheSameStackIsWrittenOnceAndAnotherMeasurementSupersedesIt(): void
    {
        $stack = $this->stack();
        $first = $this->register->add($stack, 'a', $this->measured([[10.0, 5.0]]));
        self::assertSame($first, $this->register->add($stack, 'a', $this->measured([[10.0, 5.0]])));

        $second = $this->register->add($stack, 'b', $this->measured([[10.0, 5.0001], [10.1, 5.0]]));

        self::assertNotSame($first, $second);
        self::assertSame([$first], $this->ids('SELECT id FROM epochs WHERE stack_id = ? AND superseded_at IS NOT NULL', [$stack]));
        self::assertCount(2, $this->ids('SELECT id FROM stars'));
        $seen = (new StarSearch($this->database))->inCone(Cone::of(10.0, 5.0, 0.01), Viewer::public(), 10);
        self::assertCount(1, $seen);
        self::assertSame(1, $seen[0]->observations);
        $sql = 'SELECT ' . Observation::COLUMNS . ' FROM ' . Observation::FROM . ' WHERE o.star_id = ? AND e.superseded_at IS NULL';
        $observations = array_map(Observation::fromRow(...), $this->database->all($sql, [$seen[0]->star->id]));
        self::assertSame([$second], array_column($observations, 'epochId'));
        self::assertSame(['R' => 900.0, 'G' => 1000.0, 'B' => 1100.0], $observations[0]->fluxes);
    }

    public function testAStackWithoutStarsHasAnEpochWithTheReason(): void
    {
        $stack = $this->stack();
        $this->register->add($stack, 'a', $this->measured([])->without('it is not solved'));

        $epoch = $this->database->one('SELECT reason, field_id, n_stars FROM epochs WHERE stack_id = ?', [$stack]);
        self::assertSame(['reason' => 'it is not solved', 'field_id' => null, 'n_stars' => 0], $epoch);
        self::assertNull($this->register->add(99, 'a', $this->measured([])));
    }

    /** @return iterable<string, array{float, float}> */
    public static function places(): iterable
    {
        yield 'right ascension 0' => [0.0, 12.0];
        yield 'near the north pole' => [30.0, 89.9];
        yield 'the south pole' => [0.0, -90.0];
    }

    /** @dataProvider places */
    public function testManyEpochsOfAFieldHaveEachOfItsStarsOnce(float $ra, float $dec): void
    {
        $places = [];
        for ($number = 0; $number < 60; $number++) {
            $places[] = [$ra + ($number % 8 - 4) * 0.03 / max(0.01, cos(deg2rad($dec))), max(-90.0, min(90.0, $dec + (intdiv($number, 8) - 4) * 0.02))];
        }
        $places = array_values(array_unique(array_filter($places, static fn (array $place): bool => abs($place[1]) < 90.0), SORT_REGULAR));
        for ($epoch = 0; $epoch < 4; $epoch++) {
            $shake = sin(7.0 * $epoch) * 0.5 / 3600.0 * ($dec > 89.0 ? 0.1 : 1.0);
            $shaken = array_map(static fn (array $place): array => [$place[0], $place[1] + $shake], $places);
            $this->register->add($this->stack(), "sha $epoch", $this->measured($shaken, self::MJD + $epoch));
        }

        $counts = $this->ids('SELECT COUNT(*) FROM star_observations GROUP BY star_id');
        self::assertSame(array_fill(0, count($places), 4), $counts);
        self::assertCount(2, $this->ids('SELECT id FROM sky_fields'), 'that of the test data, and this one');
    }

    /** @return iterable<string, array{?int, ?float, ?float, list<int>}> */
    public static function motions(): iterable
    {
        yield 'known from Gaia' => [4711, 3000.0, 4000.0, [5]];
        yield 'not known, with a Gaia id' => [4711, null, null, [5]];
        yield 'not known at all' => [null, null, null, [2, 1, 1, 1]];
    }

    /**
     * Within three years, a star moves by 5 arcsec a year; the reach is 2.
     *
     * @param list<int> $counts observations of each star of the list
     * @dataProvider motions
     */
    public function testAFastStarStaysOneStarIfItIsKnown(?int $gaiaId, ?float $pmRa, ?float $pmDec, array $counts): void
    {
        foreach ([0.0, 0.3, 1.0, 2.0, 3.0] as $years) {
            $place = SkyPosition::fromDegrees(100.0 + 3.0 * $years / 3600.0, 4.0 * $years / 3600.0);
            $moving = new FoundStar($place, 1.0, 1.0, self::FLUXES, self::ERRORS, 3.0, 0, $gaiaId, $pmRa, $pmDec, true);
            $facts = $this->facts(self::MJD + 365.25 * $years, 100.0, 0.0);
            $this->register->add($this->stack(), "sha $years", new MeasuredStack($facts, [$moving], 0.3, null));
        }

        self::assertSame($counts, $this->ids('SELECT COUNT(*) FROM star_observations GROUP BY star_id ORDER BY star_id'));
    }

    public function testAStackTakenAwayTakesItsEpochsWithIt(): void
    {
        $this->database->statement('PRAGMA foreign_keys = ON');
        [$one, $other] = [$this->stack(), $this->stack()];
        $this->register->add($one, 'a', $this->measured([[10.0, 5.0]]));
        $this->register->add($other, 'b', $this->measured([[10.0, 5.0]]));

        $this->database->execute('DELETE FROM stacked_frames WHERE id = ?', [$one]);

        self::assertSame([$other], $this->ids('SELECT e.stack_id FROM star_observations o JOIN epochs e ON e.id = o.epoch_id'));
    }

    private function stack(): int
    {
        [$stack] = $this->sky->epoch($this->owner);
        $this->database->execute('DELETE FROM epochs WHERE stack_id = ?', [$stack]);
        return $stack;
    }

    private function facts(float $mjd, float $ra, float $dec): EpochFacts
    {
        $cards = ['PLTSOLVD' => 'T', 'MJD-AVG' => $mjd, 'RA' => $ra, 'DEC' => $dec, 'ZPG' => 20.0, 'PIXSCALE' => 2.0];
        $lines = array_map(static fn (string $key, string|float $value): string => sprintf('%-8s= %20s', $key, $value), array_keys($cards), $cards);
        return EpochFacts::of(HeaderCards::of($lines), new HeaderCards(), 'RGB');
    }

    /** @param list<array{float, float}> $places */
    private function measured(array $places, float $mjd = self::MJD): MeasuredStack
    {
        $star = static fn (array $place): FoundStar
            => new FoundStar(SkyPosition::fromDegrees(...$place), 1.0, 2.0, self::FLUXES, self::ERRORS, 3.0, 0, null, null, null, false);
        $stars = array_map($star, $places);
        [$ra, $dec] = $places === [] ? [0.0, 0.0] : [$stars[0]->position->ra, $stars[0]->position->dec];
        return new MeasuredStack($this->facts($mjd, $ra, $dec), $stars, 0.3, null);
    }

    /**
     * @param list<mixed> $values
     * @return list<int> the first column
     */
    private function ids(string $sql, array $values = []): array
    {
        return array_map(static fn (array $row): int => (int) reset($row), $this->database->all($sql, $values));
    }
}
