<?php

declare(strict_types=1);

namespace CrowdSky\Tests\Chunks;

use CrowdSky\Chunks\ChunkGrouping;
use CrowdSky\Chunks\Closeness;
use CrowdSky\Chunks\Frame;
use CrowdSky\Chunks\FrameGroup;
use CrowdSky\Fits\SkyPosition;
use PHPUnit\Framework\TestCase;

final class ChunkGroupingTest extends TestCase
{
    private int $nextId = 1;

    public function testAReCentredMountStaysOneChunk(): void
    {
        // The header pointings of a real M 94 session: three subs, then the mount re-centred.
        $groups = $this->group([
            ...array_map(fn () => $this->frame(193.04166, 40.970556), range(1, 3)),
            ...array_map(fn () => $this->frame(193.070835, 40.979722), range(1, 9)),
        ]);

        self::assertCount(1, $groups);
        self::assertCount(12, $groups[0]->frames);
        self::assertSame('20250327.05_193.1_+41.0', $groups[0]->chunkKey()->label);
    }

    public function testTwoTargetsAreTwoChunks(): void
    {
        $groups = $this->group([$this->frame(10.0, 40.0), $this->frame(10.0, 40.4), $this->frame(10.0, 40.05)]);

        self::assertSame([[1, 3], [2]], array_map(fn (FrameGroup $group) => $group->frameIds(), $groups));
    }

    public function testPointingsAreLinkedStepByStepInAnyOrder(): void
    {
        $decs = [0.0, 0.4, 0.8, 0.2, 0.6];
        $groups = $this->group(array_map(fn (float $dec) => $this->frame(10.0, $dec), $decs));

        self::assertCount(1, $groups);
        self::assertEqualsWithDelta(0.4, $groups[0]->sky()->dec, 1e-9);
    }

    public function testJoiningTwoChunksLosesNoFrame(): void
    {
        $decs = [0.0, 0.4, 10.0, 0.2, 20.0];
        $groups = $this->group(array_map(fn (float $dec) => $this->frame(10.0, $dec), $decs));

        self::assertSame([[1, 2, 4], [3], [5]], array_map(fn (FrameGroup $group) => $group->frameIds(), $groups));
    }

    public function testTheKeyFollowsTheHeaderAndEverythingElseTheSky(): void
    {
        // Both show M 94: one program writes positions of date, the other J2000.
        $groups = $this->group([
            $this->frame(193.0635, 40.9774, ['equinox' => 2025.2336]),
            $this->frame(192.7718, 41.1167),
            $this->frame(192.7718, 41.1167, ['equinox' => 2025.2336]),
        ]);

        self::assertSame([[1, 2], [3]], array_map(fn (FrameGroup $group) => $group->frameIds(), $groups));
        self::assertEqualsWithDelta(192.7718, $groups[0]->sky()->ra, 0.01);
        self::assertEqualsWithDelta(41.1167, $groups[0]->sky()->dec, 0.01);
        self::assertSame('20250327.05_192.9_+41.0', $groups[0]->chunkKey()->label);
    }

    public function testPointingsMeetAcrossRaZero(): void
    {
        $groups = $this->group([$this->frame(359.95, 10.0), $this->frame(0.05, 10.0)]);

        self::assertCount(1, $groups);
        self::assertSame('20250327.05_0.0_+10.0', $groups[0]->chunkKey()->label);
    }

    public function testDistancesAreTakenOnTheSphere(): void
    {
        self::assertCount(1, $this->group([$this->frame(10.0, 89.0), $this->frame(20.0, 89.0)]));
        self::assertCount(2, $this->group([$this->frame(10.0, 0.0), $this->frame(20.0, 0.0)]));
    }

    public function testFramesWithoutCoordinatesFormTheirOwnChunk(): void
    {
        $groups = $this->group([$this->frame(10.0, 40.0), $this->frame(null, null), $this->frame(null, null)]);

        self::assertSame([[1], [2, 3]], array_map(fn (FrameGroup $group) => $group->frameIds(), $groups));
        self::assertSame('20250327.05', $groups[1]->chunkKey()->label);
    }

    /** @dataProvider differences */
    public function testFramesThatMustNotBeMixed(array $difference): void
    {
        self::assertCount(2, $this->group([$this->frame(10.0, 40.0), $this->frame(10.0, 40.0, $difference)]));
    }

    public static function differences(): array
    {
        return [
            'time block' => [['timeBlock' => '20250327.06']],
            'telescope' => [['telescope' => 'S50_other']],
            'filter' => [['filter' => 'LP']],
            'exposure' => [['exposure' => 20.0]],
            'width' => [['width' => 2160]],
            'height' => [['height' => 3840]],
            'Bayer pattern' => [['bayerPattern' => 'RGGB']],
            'mount mode' => [['eqMode' => 1]],
            'unknown mount mode' => [['eqMode' => null]],
        ];
    }

    public function testMeasuredExposuresDifferByMilliseconds(): void
    {
        $lengths = [10.02, 10.0, 10.008, 10.004, 10.016, 10.012];
        $groups = $this->group(array_map(fn (float $length) => $this->frame(10.0, 40.0, ['exposure' => $length]), $lengths));

        self::assertSame([[1, 2, 3, 4, 5, 6]], array_map(fn (FrameGroup $group) => $group->frameIds(), $groups));
    }

    public function testExposuresAreLinkedStepByStepButNotAcrossAGap(): void
    {
        $lengths = [10.0, 10.5, 10.3, 10.15, 20.0, null];
        $groups = $this->group(array_map(fn (?float $length) => $this->frame(10.0, 40.0, ['exposure' => $length]), $lengths));

        self::assertSame([[1, 2, 3, 4], [5], [6]], array_map(fn (FrameGroup $group) => $group->frameIds(), $groups));
    }

    public function testAFrameElsewhereLinksNoExposures(): void
    {
        $groups = $this->group([
            $this->frame(10.0, 40.0, ['exposure' => 10.0]),
            $this->frame(10.0, 50.0, ['exposure' => 10.15]),
            $this->frame(10.0, 40.0, ['exposure' => 10.3]),
        ]);

        self::assertSame([[1], [2], [3]], array_map(fn (FrameGroup $group) => $group->frameIds(), $groups));
    }

    public function testAFrameOfAnotherExposureLinksNoPointings(): void
    {
        $groups = $this->group([
            $this->frame(10.0, 40.0),
            $this->frame(10.0, 40.2, ['exposure' => 20.0]),
            $this->frame(10.0, 40.4),
        ]);

        self::assertSame([[1], [2], [3]], array_map(fn (FrameGroup $group) => $group->frameIds(), $groups));
    }

    public function testFilterNamesAreComparedInOneForm(): void
    {
        $names = ['IRCUT', 'ircut', 'IR-Cut', 'UV/IR Cut', 'IR Cut Filter', 'LP', 'lp', 'Filter', null, ''];
        $groups = $this->group(array_map(fn (?string $name) => $this->frame(10.0, 40.0, ['filter' => $name]), $names));

        $ids = array_map(fn (FrameGroup $group) => $group->frameIds(), $groups);
        self::assertSame([[1, 2, 3, 4, 5], [6, 7], [8], [9, 10]], $ids);
    }

    public function testTheMostFrequentObjectNamesTheChunk(): void
    {
        $named = fn (?string ...$objects) => new FrameGroup(
            array_map(fn (?string $object) => $this->frame(1.0, 1.0, ['object' => $object]), $objects)
        );

        self::assertSame('M 94', $named('Andromeda', 'M 94', 'M 94')->objectName());
        self::assertSame('M 31', $named('M 94', 'M 31')->objectName());
        self::assertSame('M 31', $named(null, null, 'M 31')->objectName());
        self::assertSame('47', $named('47')->objectName());
        self::assertNull($named(null)->objectName());
    }

    /**
     * @param list<Frame> $frames
     * @return list<FrameGroup>
     */
    private function group(array $frames): array
    {
        return (new ChunkGrouping(new Closeness(0.25)))->group($frames);
    }

    /** @param array<string, mixed> $changes */
    private function frame(?float $ra, ?float $dec, array $changes = []): Frame
    {
        return new Frame(...array_merge([
            'id' => $this->nextId++,
            'timeBlock' => '20250327.05',
            'position' => SkyPosition::fromDegrees($ra, $dec),
            'object' => 'M 94',
            'telescope' => 'S50_1d3fe189',
            'filter' => 'IRCUT',
            'exposure' => 10.0,
            'width' => 1080,
            'height' => 1920,
            'bayerPattern' => 'GRBG',
            'eqMode' => 0,
        ], $changes));
    }
}
