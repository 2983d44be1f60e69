<?php

declare(strict_types=1);

namespace CrowdSky\Tests\Fits;

use CrowdSky\Fits\PatchedCopy;
use PHPUnit\Framework\TestCase;

final class PatchedCopyTest extends TestCase
{
    private const FILE = 'abcdefghij';

    public function testEveryPartOfTheCopyIsPutTogetherFromItsPieces(): void
    {
        $copy = new PatchedCopy();
        self::assertTrue($copy->isEmpty());
        $copy->put('AB', 2);
        $copy->keep(3);
        $copy->zeros(2);
        $copy->keep(0);
        $copy->keep(3);
        $whole = "ABcde\0\0hij";

        self::assertSame(strlen($whole), $copy->size());
        self::assertFalse($copy->isEmpty());
        for ($offset = 0; $offset <= strlen($whole); $offset++) {
            for ($length = 0; $length <= strlen($whole) + 1; $length++) {
                self::assertSame(substr($whole, $offset, $length), $this->read($copy, $offset, $length), "$length from $offset");
            }
        }
    }

    public function testManyZerosAreNotInMemoryAtOnce(): void
    {
        $copy = new PatchedCopy();
        $copy->zeros(3_000_001);
        $longest = $total = 0;

        $copy->read(0, 4_000_000, static function (string $piece) use (&$longest, &$total): void {
            $longest = max($longest, strlen($piece));
            $total += strlen($piece);
        }, self::fail(...));

        self::assertSame(3_000_001, $total);
        self::assertLessThanOrEqual(1 << 20, $longest);
    }

    public function testBytesOfAnotherLengthAreRefused(): void
    {
        $this->expectException(\LogicException::class);
        (new PatchedCopy())->put('abc', 4);
    }

    private function read(PatchedCopy $copy, int $offset, int $length): string
    {
        $read = '';
        $sink = static function (string $piece) use (&$read): void {
            $read .= $piece;
        };
        $copy->read($offset, $length, $sink, static fn (int $from, int $bytes, callable $pass) => $pass(substr(self::FILE, $from, $bytes)));
        return $read;
    }
}
