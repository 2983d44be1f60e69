<?php

declare(strict_types=1);

namespace CrowdSky\Tests\Http;

use CrowdSky\Http\ByteRange;
use CrowdSky\Http\HttpError;
use CrowdSky\Http\Request;
use PHPUnit\Framework\TestCase;

final class ByteRangeTest extends TestCase
{
    /** @dataProvider parts */
    public function testFindsThePart(string $header, int $offset, int $length): void
    {
        $range = ByteRange::of(new Request(['HTTP_RANGE' => $header]), 100, '"e"');

        self::assertSame([$offset, $length, 206], [$range->offset, $range->length, $range->status()]);
        self::assertSame("bytes $offset-" . ($offset + $length - 1) . '/100', $range->headers(100)['Content-Range']);
    }

    /** @return iterable<array{string, int, int}> */
    public static function parts(): iterable
    {
        yield ['bytes=0-0', 0, 1];
        yield ['bytes=99-', 99, 1];
        yield ['bytes=10-19', 10, 10];
        yield ['bytes=90-200', 90, 10];
        yield ['bytes=-1', 99, 1];
        yield ['bytes=-200', 0, 100];
        yield ['bytes=0-999999999999999999', 0, 100];
    }

    public function testWithoutARangeItIsTheWholeFile(): void
    {
        $range = ByteRange::of(new Request([]), 100, '"e"');

        self::assertSame([0, 100, 200], [$range->offset, $range->length, $range->status()]);
        self::assertArrayNotHasKey('Content-Range', $range->headers(100));
    }

    public function testAnEmptyFileHasNoParts(): void
    {
        foreach (['bytes=0-', 'bytes=-5'] as $header) {
            try {
                ByteRange::of(new Request(['HTTP_RANGE' => $header]), 0, '"e"');
                self::fail("$header of an empty file was accepted");
            } catch (HttpError $error) {
                self::assertSame([416, 'bytes */0'], [$error->status, $error->headers['Content-Range']]);
            }
        }
    }
}
