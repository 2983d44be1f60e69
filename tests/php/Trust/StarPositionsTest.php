<?php

declare(strict_types=1);

namespace CrowdSky\Tests\Trust;

use CrowdSky\Trust\StarPositions;
use PHPUnit\Framework\TestCase;

final class StarPositionsTest extends TestCase
{
    public function testBrightestFirstWhateverTheOrder(): void
    {
        $json = '{"width": 9, "height": 9, "stars": [{"x": 1, "y": 2.5, "flux": 10, "ra": null}, {"x": 3.0, "y": 4, "flux": 1e3}]}';

        self::assertSame([[3.0, 4.0], [1.0, 2.5]], StarPositions::of($json));
    }

    public function testAListThatIsCutGivesItsWholeStars(): void
    {
        self::assertSame([[1.0, 2.0]], StarPositions::of('{"stars": [{"x": 1, "y": 2, "flux": 3}, {"x": 4, "y":'));
    }

    public function testKeepsFortyAndReadsNoMoreThanItsShare(): void
    {
        $star = static fn (int $n): string => sprintf('{"x": %d, "y": 1, "flux": %d}', $n, 10_000 - $n);
        $many = '{"stars": [' . implode(', ', array_map($star, range(1, 9000))) . ']}';

        $stars = StarPositions::of($many);

        self::assertGreaterThan(StarPositions::MAX_BYTES, strlen($many));
        self::assertSame([40, [1.0, 1.0], [40.0, 1.0]], [count($stars), $stars[0], $stars[39]]);
    }

    public function testAStarWithAnInfiniteNumberIsLeftOut(): void
    {
        $good = '{"x": 1, "y": 2, "flux": 3}';
        foreach (['{"x": 1e999, "y": 2, "flux": 9}', '{"x": 1, "y": -1e999, "flux": 9}', '{"x": 1, "y": 2, "flux": 1e999}'] as $bad) {
            self::assertSame([[1.0, 2.0]], StarPositions::of("{\"stars\": [$bad, $good]}"), $bad);
        }
    }

    /** @dataProvider nonsense */
    public function testNonsenseGivesNoStars(string $json): void
    {
        self::assertSame([], StarPositions::of($json));
    }

    /** @return iterable<array{string}> */
    public static function nonsense(): iterable
    {
        foreach (['', '{', '{}', '[]', '{"stars": [{}]}', '{"stars": [{"x": "1", "y": 2, "flux": 3}]}', '{"stars": [{"x": 1, "y": 2}]}', "\xff[{\0}]"] as $json) {
            yield [$json];
        }
    }
}
