<?php

declare(strict_types=1);

namespace CrowdSky\Tests\Stars;

use CrowdSky\Fits\SkyPosition;
use CrowdSky\Stars\FoundStar;
use CrowdSky\Stars\ListedStar;
use CrowdSky\Stars\StarMatching;
use PHPUnit\Framework\TestCase;

final class StarMatchingTest extends TestCase
{
    private const ARCSEC = 1.0 / 3600.0;

    /** @return iterable<string, array{float, float}> */
    public static function places(): iterable
    {
        yield 'somewhere' => [192.7, 41.1];
        yield 'right ascension 0' => [0.0, -20.0];
        yield 'the north pole' => [10.0, 90.0];
        yield 'the south pole' => [200.0, -90.0];
        yield 'the edge of a HEALPix pixel' => [45.0, 0.0];
    }

    /** @dataProvider places */
    public function testEachStarFindsItselfDespiteErrorsOfPosition(float $ra, float $dec): void
    {
        $listed = $found = [];
        for ($number = 0; $number < 200; $number++) {
            // On a grid of 20", so that no two are within reach.
            [$east, $north] = [20.0 * ($number % 15 - 7), 20.0 * (intdiv($number, 15) - 7)];
            $listed[] = $this->listed($number + 1, ...$this->beside($ra, $dec, $east, $north));
            $found[] = $this->found(...$this->beside($ra, $dec, $east + sin(7.0 * $number), $north + sin(11.0 * $number)));
        }
        $matching = StarMatching::of($found, array_reverse($listed), 2026.5, 3.0);

        self::assertSame(range(1, 200), array_map(static fn (?ListedStar $star): ?int => $star?->id, $matching->partners));
        self::assertNotContains(true, $matching->ambiguous);
    }

    public function testTheClosestPairsComeFirstAndNoStarIsUsedTwice(): void
    {
        $listed = [$this->listed(1, 10.0, 0.0), $this->listed(2, 10.0, 3.0 * self::ARCSEC)];
        $found = [$this->found(10.0, 1.4 * self::ARCSEC), $this->found(10.0, 0.2 * self::ARCSEC), $this->found(10.0, 20.0 * self::ARCSEC)];

        $matching = StarMatching::of($found, $listed, null, 3.0);

        self::assertSame([2, 1, null], array_map(static fn (?ListedStar $star): ?int => $star?->id, $matching->partners));
        self::assertSame([true, true, false], $matching->ambiguous);
    }

    public function testAStarThatMovesIsSoughtWhereItIsInThatYear(): void
    {
        $fast = new ListedStar(1, SkyPosition::fromDegrees(269.45, 4.69), 2026.0, 3000.0, 4000.0, 77);
        $still = new ListedStar(2, SkyPosition::fromDegrees(269.45, 4.69), 2026.0, null, null, 77);
        $place = $this->beside(269.45, 4.69, 9.0, 12.0);

        self::assertSame(1, StarMatching::of([$this->found(...$place)], [$fast], 2029.0, 3.0)->partners[0]?->id);
        self::assertNull(StarMatching::of([$this->found(...$place)], [$still], 2029.0, 3.0)->partners[0]);
        self::assertSame(2, StarMatching::of([$this->found($place[0], $place[1], 77)], [$still], 2029.0, 3.0)->partners[0]?->id);
    }

    public function testAGaiaIdDecidesOnlyWhereThePlaceAgrees(): void
    {
        $listed = [
            new ListedStar(1, SkyPosition::fromDegrees(10.0, 2.0 * self::ARCSEC), 2026.0, 0.0, 0.0, 77),
            new ListedStar(2, SkyPosition::fromDegrees(10.0, 0.0), 2026.0, 0.0, 0.0, 78),
        ];

        self::assertSame(1, StarMatching::of([$this->found(10.0, 0.0, 77)], $listed, 2026.0, 3.0)->partners[0]?->id);
        self::assertSame(2, StarMatching::of([$this->found(10.0, -2.0 * self::ARCSEC, 77)], $listed, 2026.0, 3.0)->partners[0]?->id);
    }

    public function testTheReachGrowsWithErrorsAndSeeingWithinLimits(): void
    {
        self::assertSame(hypot(2.0, 3.0), StarMatching::reach(0.5, 6.0));
        self::assertSame(2.0, StarMatching::reach(0.1, 1.0));
        self::assertSame(8.0, StarMatching::reach(5.0, 6.0));
    }

    private function listed(int $id, float $ra, float $dec): ListedStar
    {
        return new ListedStar($id, SkyPosition::fromDegrees($ra, $dec), 2026.0, null, null, null);
    }

    private function found(float $ra, float $dec, ?int $gaiaId = null): FoundStar
    {
        $fluxes = ['r' => 1.0, 'g' => 1.0, 'b' => 1.0];
        return new FoundStar(SkyPosition::fromDegrees($ra, $dec), 1.0, 1.0, $fluxes, $fluxes, 3.0, 0, $gaiaId, null, null, false);
    }

    /** @return array{float, float} the place so many arcsec to the east and north, on the tangent plane */
    private function beside(float $ra, float $dec, float $east, float $north): array
    {
        [$a, $d] = [deg2rad($ra), deg2rad($dec)];
        [$e, $n] = [deg2rad($east / 3600.0), deg2rad($north / 3600.0)];
        $x = cos($d) * cos($a) - $e * sin($a) - $n * sin($d) * cos($a);
        $y = cos($d) * sin($a) + $e * cos($a) - $n * sin($d) * sin($a);
        $z = sin($d) + $n * cos($d);
        return [rad2deg(atan2($y, $x)), rad2deg(atan2($z, hypot($x, $y)))];
    }
}
