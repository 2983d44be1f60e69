<?php

declare(strict_types=1);

namespace CrowdSky\Tests\Accounts;

use CrowdSky\Accounts\DeviceWords;
use PHPUnit\Framework\TestCase;

final class DeviceWordsTest extends TestCase
{
    /** @dataProvider browsers */
    public function testABrowserIsCalledAsPeopleDo(string $words, ?string $userAgent): void
    {
        self::assertSame($words, DeviceWords::of($userAgent));
    }

    /** @return iterable<array{string, ?string}> */
    public static function browsers(): iterable
    {
        $safari = 'AppleWebKit/605.1.15 (KHTML, like Gecko)';
        yield ['Firefox, Linux', 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0'];
        yield ['Edge, Windows', 'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/140.0 Safari/537.36 Edg/140.0'];
        yield ['Chrome, Android', 'Mozilla/5.0 (Linux; Android 16) AppleWebKit/537.36 Chrome/140.0 Mobile Safari/537.36'];
        yield ['Safari, iPhone', "Mozilla/5.0 (iPhone; CPU iPhone OS 19_0 like Mac OS X) $safari Version/19.0 Mobile Safari/604.1"];
        yield ['Safari, Mac', "Mozilla/5.0 (Macintosh; Intel Mac OS X 15_0) $safari Version/19.0 Safari/605.1.15"];
        yield ['Python', 'python-requests/2.32'];
        yield ['', '<script>'];
        yield ['', null];
    }
}
