<?php

declare(strict_types=1);

namespace CrowdSky\Tests\Trust;

use CrowdSky\Trust\Agreement;
use CrowdSky\Trust\ResultFigures;
use PHPUnit\Framework\TestCase;

final class AgreementTest extends TestCase
{
    private const BASE = [
        'framesUsed' => 12,
        'exposure' => 120.0,
        'centre' => [192.72, 41.12],
        'scale' => 2.37,
        'sky' => ['R' => 1000.0, 'G' => 1500.0, 'B' => 900.0],
        'noise' => ['R' => 20.0, 'G' => 15.0, 'B' => 18.0],
    ];

    /**
     * @dataProvider neighbours
     * @param array<string, mixed> $changes
     */
    public function testAgreesWithinTheTolerances(array $changes): void
    {
        self::assertSame([], Agreement::between(self::figures($changes), self::figures()));
    }

    /** @return iterable<string, array{array<string, mixed>}> */
    public static function neighbours(): iterable
    {
        yield 'the same' => [[]];
        yield 'centre 4.9 arcsec north' => [['centre' => [192.72, 41.12 + 4.9 / 3600]]];
        yield 'centre 4.9 arcsec east' => [['centre' => [192.72 + 4.9 / 3600 / cos(deg2rad(41.12)), 41.12]]];
        yield 'not solved' => [['centre' => null, 'scale' => null]];
        yield 'scale 0.09 %' => [['scale' => 2.37 * 1.0009]];
        yield 'one frame less' => [['framesUsed' => 11, 'exposure' => 110.0]];
        yield 'one frame less, and its noise' => [['framesUsed' => 11, 'exposure' => 110.0, 'noise' => array_map(fn ($n) => $n * sqrt(12 / 11), self::BASE['noise'])]];
        yield 'sky 1.9 %' => [['sky' => ['R' => 1019.0, 'G' => 1472.0, 'B' => 900.0]]];
        yield 'noise 1.9 %' => [['noise' => ['R' => 20.38, 'G' => 14.72, 'B' => 18.0]]];
        yield 'stars 0.9 px' => [['stars' => self::stars(0.9)]];
        yield 'two of twenty stars gone' => [['stars' => array_slice(self::stars(), 2)]];
        yield 'in another order' => [['stars' => array_reverse(self::stars())]];
        yield 'knows more planes' => [['sky' => self::BASE['sky'] + ['L' => 1.0]]];
    }

    /**
     * @dataProvider strangers
     * @param array<string, mixed> $changes
     */
    public function testSaysInWordsWhatDiffers(array $changes, string $words): void
    {
        $found = Agreement::between(self::figures($changes), self::figures());

        self::assertCount(1, $found, implode('; ', $found));
        self::assertStringContainsString($words, $found[0]);
    }

    /** @return iterable<string, array{array<string, mixed>, string}> */
    public static function strangers(): iterable
    {
        yield 'centre 5.1 arcsec' => [['centre' => [192.72, 41.12 + 5.1 / 3600]], 'the centre lies 5.1 arcsec away'];
        yield 'the other side of the sky' => [['centre' => [12.72, -41.12]], 'the centre lies 648000.0 arcsec away'];
        yield 'scale 0.11 %' => [['scale' => 2.37 * 1.0011], 'a pixel has 2.3726 arcsec, not 2.3700'];
        yield 'two frames less' => [['framesUsed' => 10, 'exposure' => 100.0, 'noise' => array_map(fn ($n) => $n * sqrt(1.2), self::BASE['noise'])], '10 frames were combined, not 12'];
        yield 'exposure 2.1 %' => [['exposure' => 122.6], 'the total exposure is 122.6 s, not 120.0 s'];
        yield 'exposure missing' => [['exposure' => null], 'the total exposure is missing'];
        yield 'sky 2.1 %' => [['sky' => ['R' => 1000.0, 'G' => 1532.0, 'B' => 900.0]], 'the sky of plane G is 1532 ADU, not 1500'];
        yield 'noise 2.1 %' => [['noise' => ['R' => 20.0, 'G' => 15.0, 'B' => 17.6]], 'the noise of plane B is 17.6 ADU, not 18'];
        yield 'a plane less' => [['sky' => ['R' => 1000.0, 'G' => 1500.0]], 'the sky of plane B is missing'];
        yield 'stars 1.1 px' => [['stars' => self::stars(1.1)], 'only 0 of the 20 brightest stars are where they should be'];
        yield 'three stars gone' => [['stars' => array_slice(self::stars(), 3)], 'only 17 of the 20 brightest stars'];
        yield 'no stars' => [['stars' => []], 'only 0 of the 20 brightest stars'];
    }

    public function testWhatTheReferenceDoesNotKnowIsNotCompared(): void
    {
        $bare = new ResultFigures(12, null, null, null, [], [], []);

        self::assertSame([], Agreement::between(self::figures(), $bare));
        self::assertGreaterThan(5, count(Agreement::between($bare, self::figures())));
    }

    public function testFiguresComeBackFromTheDatabaseAsTheyWere(): void
    {
        $figures = self::figures(['sky' => ['R' => 1000.0], 'noise' => []]);

        self::assertEquals($figures, ResultFigures::fromStored($figures->toStored()));
    }

    /** @param array<string, mixed> $changes */
    private static function figures(array $changes = []): ResultFigures
    {
        return new ResultFigures(...$changes + self::BASE + ['stars' => self::stars()]);
    }

    /** @return list<array{float, float}> */
    private static function stars(float $shift = 0.0): array
    {
        return array_map(static fn (int $n): array => [50.0 * $n + $shift, 1000.0 - 40.0 * $n], range(1, 20));
    }
}
