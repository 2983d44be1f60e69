<?php

declare(strict_types=1);

namespace CrowdSky\Tests\Calibrations;

use CrowdSky\Calibrations\FieldEpochs;
use CrowdSky\Tests\Database\StillClock;
use PHPUnit\Framework\TestCase;

final class FieldEpochsTest extends TestCase
{
    public function testAStackAndThePartsOfItsSeriesAreNothingToCalibrateTogether(): void
    {
        $sky = new SmallSky(new StillClock());
        $epochs = new FieldEpochs($sky->database);
        $owner = $sky->user('ann');
        [, $stack] = $sky->epoch($owner);
        [, $part] = $sky->epoch($owner);
        $sky->database->execute('UPDATE epochs SET series_seconds = 60, part = 1 WHERE id = ?', [$part]);
        $sky->star([$stack, $part]);

        self::assertFalse($epochs->shareStars([$stack, $part]));

        [, $other] = $sky->epoch($owner);
        self::assertFalse($epochs->shareStars([$stack, $part, $other]));
        $sky->star([$stack, $other]);
        self::assertTrue($epochs->shareStars([$stack, $part, $other]));
    }
}
