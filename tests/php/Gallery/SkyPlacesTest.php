<?php

declare(strict_types=1);

namespace CrowdSky\Tests\Gallery;

use CrowdSky\Gallery\SkyPlaces;
use PHPUnit\Framework\TestCase;

final class SkyPlacesTest extends TestCase
{
    public function testFieldsAndWhatIsNearNoneAreCounted(): void
    {
        $fields = [7 => [359.9, 0.0], 9 => [120.0, 40.0]];

        self::assertSame(2, SkyPlaces::count($fields, []));
        self::assertSame(2, SkyPlaces::count($fields, [[0.3, 0.2, null], [120.0, 40.6, 5]]), 'stacks near a field show its place');
        self::assertSame(3, SkyPlaces::count($fields, [[10.0, 20.0, null], [10.4, 20.3, 77]]), 'two that are near each other show one');
        self::assertSame(3, SkyPlaces::count($fields, [[null, null, 1000], [null, null, null]]));
    }
}
