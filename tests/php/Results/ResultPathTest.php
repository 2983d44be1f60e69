<?php

declare(strict_types=1);

namespace CrowdSky\Tests\Results;

use CrowdSky\Results\ResultKind;
use CrowdSky\Results\ResultPath;
use PHPUnit\Framework\TestCase;

final class ResultPathTest extends TestCase
{
    /** @dataProvider folders */
    public function testAFolderTellsNothingAndOlderRunsMayUseTheNameItself(?string $object, string $told, string $own): void
    {
        $path = ResultPath::ofJob('/base', 7, $object, 'key', 42);

        $names = [
            "/base/stacks/user_7/$told/stack_key_42.fits",
            "/base/stacks/user_7/$told/stack_key_42.a1-0123abcd.fits",
            "/base/stacks/user_7/$own/stack_key_42.fits",
            "/base/stacks/user_7/$own/stack_key_42.a1-0123abcd.fits",
        ];
        self::assertSame(array_values(array_unique($names)), $path->names(ResultKind::Stack, 'a1-0123abcd'));
        self::assertSame($names[1], $path->attempt(ResultKind::Stack, 'a1-0123abcd'));
    }

    /** @return iterable<array{?string, string, string}> name; its folder; that of older runs */
    public static function folders(): iterable
    {
        yield ['M 94', 'M_94', 'M_94'];
        yield ['NGC 7000/a#b?c', 'unknown', 'NGC_7000_a_b_c'];
        yield ['..', 'unknown', 'unknown'];
        yield ['../../x', 'unknown', '_.._x'];
        yield ['Ünï+1', 'unknown', '_n_+1'];
        yield ['', 'unknown', 'unknown'];
        yield [null, 'unknown', 'unknown'];
        yield [str_repeat('x', 80), 'unknown', str_repeat('x', 64)];
    }
}
