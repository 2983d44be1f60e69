<?php

declare(strict_types=1);

namespace CrowdSky\Tests\Chunks;

use CrowdSky\Chunks\ChunkGrouping;
use CrowdSky\Chunks\Closeness;
use CrowdSky\Chunks\Frame;
use CrowdSky\Chunks\FrameGroup;
use CrowdSky\Chunks\PointingIndex;
use CrowdSky\Fits\SkyPosition;
use PHPUnit\Framework\TestCase;

/** Grouping by the grid: the same groups as by comparing all with all, without the cost. */
final class ManyPointingsTest extends TestCase
{
    private static int $drawn = 0;

    /** @dataProvider skies */
    public function testRandomSkiesGiveTheGroupsOfTheSlowWay(float $ra, float $dec, float $radius, float $tolerance): void
    {
        for ($sky = 0; $sky < 8; $sky++) {
            $frames = self::frames(self::around($ra, $dec, $radius, 120));
            $groups = (new ChunkGrouping(new Closeness($tolerance)))->group($frames);

            $ids = array_map(fn (FrameGroup $group) => $group->frameIds(), $groups);
            self::assertSame(self::slowGroups($frames, $tolerance), $ids, "sky $sky");
        }
    }

    /** @dataProvider skies */
    public function testTheIndexFindsWhatTheSlowWayFinds(float $ra, float $dec, float $radius, float $tolerance): void
    {
        $closeness = new Closeness($tolerance);
        $index = new PointingIndex($closeness);
        $known = array_chunk(self::frames(self::around($ra, $dec, $radius, 120)), 4);
        foreach ($known as $label => $frames) {
            $index->add($label, new FrameGroup($frames));
        }
        foreach (array_chunk(self::frames(self::around($ra, $dec, $radius, 60)), 3) as $wanted) {
            $near = array_keys(array_filter($known, fn (array $frames) => self::isNear($frames, $wanted, $tolerance)));
            self::assertSame($near, $index->near(new FrameGroup($wanted)));
        }
    }

    public static function skies(): array
    {
        return [
            'everywhere' => [0.0, 0.0, 180.0, 10.0],
            'everywhere, closely' => [0.0, 0.0, 180.0, 3.0],
            'the north pole' => [0.0, 90.0, 3.0, 0.25],
            'the south pole' => [0.0, -90.0, 3.0, 0.25],
            'beside a pole' => [200.0, 88.5, 2.0, 0.15],
            'across RA 0' => [0.0, 10.0, 2.5, 0.25],
            'across RA 0, far north' => [359.9, 80.0, 2.5, 0.25],
            'the equator' => [180.0, 0.0, 2.5, 0.25],
            'one field' => [83.6, 22.0, 0.2, 0.25],
            'one field, and a hair' => [83.6, 22.0, 0.01, 0.001],
            'no tolerance' => [83.6, 22.0, 0.5, 0.0],
        ];
    }

    public function testTheToleranceHoldsInEveryDirectionAndPlace(): void
    {
        foreach (self::around(0.0, 0.0, 180.0, 1000) as [$ra, $dec]) {
            foreach ([[0.999999, 1], [1.000001, 2], [1.1, 2]] as [$part, $groups]) {
                $other = self::towards($ra, $dec, deg2rad(0.25 * $part), 2.0 * M_PI * self::draw());
                $frames = self::frames([[$ra, $dec], $other]);
                self::assertCount($groups, (new ChunkGrouping(new Closeness(0.25)))->group($frames), "$ra $dec $part");
            }
        }
    }

    /** @dataProvider layouts */
    public function testEightTimesThePointingsCostAtMostTenTimesTheComparisons(\Closure $pointings): void
    {
        self::assertLessThanOrEqual(10 * $this->comparisons($pointings(1000)), $this->comparisons($pointings(8000)));
    }

    /** Layouts of a number of pointings, each hard for another shortcut. */
    public static function layouts(): array
    {
        $arc = fn (int $count, float $dec) => array_map(fn (int $i) => [20.0 * $i / $count, $dec], range(1, $count));
        return [
            'scattered over the sky' => [fn (int $count) => self::around(0.0, 0.0, 180.0, $count)],
            'one dithered field' => [fn (int $count) => self::around(83.6, 22.0, 0.1, $count)],
            'a field as wide as four steps' => [fn (int $count) => self::around(83.6, 22.0, 1.0, $count)],
            'two clumps just too far apart' => [fn (int $count) => [
                ...self::around(83.6, 22.0, 0.005, intdiv($count, 2)),
                ...self::around(83.6, 22.2601, 0.005, intdiv($count, 2)),
            ]],
            'two rows just too far apart' => [fn (int $count) => [...$arc(intdiv($count, 2), 0.0), ...$arc(intdiv($count, 2), 0.2500001)]],
        ];
    }

    /** @param list<array{float, float}> $pointings */
    private function comparisons(array $pointings): int
    {
        $closeness = new Closeness(0.25);
        (new ChunkGrouping($closeness))->group(self::frames($pointings));
        return $closeness->comparisons + count($pointings);
    }

    /**
     * Single linkage as it was defined: compare all with all.
     *
     * @param list<Frame> $frames
     * @return list<list<int>>
     */
    private static function slowGroups(array $frames, float $tolerance): array
    {
        $groups = [];
        foreach ($frames as $frame) {
            $near = array_filter($groups, fn (array $group) => self::isNear($group, [$frame], $tolerance));
            $groups = array_diff_key($groups, $near);
            $groups[] = array_merge([$frame], ...$near);
        }
        $ids = array_map(fn (array $group) => array_map(fn (Frame $frame) => $frame->id, $group), array_values($groups));
        array_walk($ids, function (array &$group): void {
            sort($group);
        });
        sort($ids);
        usort($ids, fn (array $a, array $b) => $a[0] <=> $b[0]);
        return $ids;
    }

    /**
     * @param list<Frame> $some
     * @param list<Frame> $others
     */
    private static function isNear(array $some, array $others, float $tolerance): bool
    {
        foreach ($some as $one) {
            foreach ($others as $other) {
                if ($one->position->distanceTo($other->position) <= $tolerance) {
                    return true;
                }
            }
        }
        return false;
    }

    /** Returns the next of a fixed row of numbers from 0 to 1 that look random. */
    private static function draw(): float
    {
        return hexdec(substr(hash('sha256', (string) self::$drawn++), 0, 13)) / 2 ** 52;
    }

    /** @return list<array{float, float}> random pointings within a radius, some of them twice */
    private static function around(float $ra, float $dec, float $radius, int $count): array
    {
        $pointings = [];
        for ($i = 0; $i < $count; $i++) {
            $distance = acos(1.0 - self::draw() * (1.0 - cos(deg2rad($radius))));
            $pointings[] = self::towards($ra, $dec, $distance, 2.0 * M_PI * self::draw());
            if ($i % 10 === 9) {
                $pointings[$i] = $pointings[$i - 5];
            }
        }
        return $pointings;
    }

    /** @return array{float, float} the place at a distance in a direction from north, both in radians */
    private static function towards(float $ra, float $dec, float $distance, float $angle): array
    {
        $sine = sin(deg2rad($dec)) * cos($distance) + cos(deg2rad($dec)) * sin($distance) * cos($angle);
        $turn = atan2(sin($angle) * sin($distance) * cos(deg2rad($dec)), cos($distance) - sin(deg2rad($dec)) * $sine);
        return [$ra + rad2deg($turn), rad2deg(asin(max(-1.0, min(1.0, $sine))))];
    }

    /**
     * @param list<array{float, float}> $pointings
     * @return list<Frame> alike but for their pointings, numbered from 1
     */
    private static function frames(array $pointings): array
    {
        return array_map(fn (array $at, int $i) => new Frame(
            id: $i + 1,
            timeBlock: '20250327.05',
            position: SkyPosition::fromDegrees(...$at),
            object: null,
            telescope: 'S50',
            filter: 'IRCUT',
            exposure: 10.0,
            width: 1080,
            height: 1920,
            bayerPattern: 'GRBG',
            eqMode: 0,
        ), $pointings, array_keys($pointings));
    }
}
