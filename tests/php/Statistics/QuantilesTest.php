<?php

declare(strict_types=1);

namespace CrowdSky\Tests\Statistics;

use CrowdSky\Jobs\StageTimes;
use CrowdSky\Statistics\Forecast;
use CrowdSky\Statistics\Quantiles;
use PHPUnit\Framework\TestCase;

final class QuantilesTest extends TestCase
{
    public function testAQuantileIsOneOfTheNumbers(): void
    {
        $counts = [300 => 1, 10 => 5, 20 => 4];

        self::assertSame(10, Quantiles::of($counts, 0.5));
        self::assertSame(20, Quantiles::of($counts, 0.51));
        self::assertSame(20, Quantiles::of($counts, 0.9));
        self::assertSame(300, Quantiles::of($counts, 1.0));
        self::assertNull(Quantiles::of([], 0.5));
    }

    public function testTheMedianOfAnEvenNumberIsTheLowerOne(): void
    {
        self::assertSame(2.0, Quantiles::median([9.0, 1.0, 2.0, 3.0]));
        self::assertNull(Quantiles::median([]));
    }

    public function testADiskThatDoesNotFillUpHasNoEnd(): void
    {
        self::assertSame(40.0, (new Forecast(7.0, 5.0, 200))->daysLeft());
        self::assertNull((new Forecast(7.0, -5.0, 200))->daysLeft());
    }

    public function testAStageLastsUntilTheNextOne(): void
    {
        $times = StageTimes::ofStored('{"claimed":1000,"stack":3500,"upload":9000}');

        self::assertSame(['claimed' => 2.5, 'stack' => 5.5, 'upload' => 2.0], $times->lengths(11000));
        self::assertSame(['claimed' => 2.5, 'stack' => 5.5, 'upload' => null], $times->lengths(null));
        self::assertSame(0.0, $times->lengths(8999)['upload'], 'ends are stored in seconds');
    }
}
