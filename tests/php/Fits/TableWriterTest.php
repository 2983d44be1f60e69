<?php

declare(strict_types=1);

namespace CrowdSky\Tests\Fits;

use CrowdSky\Fits\TableWriter;
use PHPUnit\Framework\TestCase;

final class TableWriterTest extends TestCase
{
    public function testFileConsistsOfWholeBlocksWithTheRowsThatWereWritten(): void
    {
        $stream = fopen('php://memory', 'w+b');
        self::assertIsResource($stream);
        $writer = new TableWriter($stream, ['FIELD' => 7, 'RA' => 0.1, 'NONE' => null]);
        $writer->begin('SOME', ['ID' => 'K', 'MAG' => 'E', 'NAME' => '3A', 'IS' => 'L']);
        $writer->row([-2, null, 'abcd', true]);
        $writer->row([1 << 62, -1.5, null, false]);
        $writer->end();
        rewind($stream);
        $bytes = (string) stream_get_contents($stream);

        self::assertSame(3 * 2880, strlen($bytes));
        self::assertStringContainsString("FIELD   =                    7", $bytes);
        self::assertStringContainsString("RA      =                  0.1", $bytes);
        self::assertStringNotContainsString('NONE', $bytes);
        self::assertStringContainsString("NAXIS2  =                    2", $bytes);
        self::assertStringContainsString("NAXIS1  =                   16", $bytes);
        $rows = substr($bytes, 2 * 2880, 32);
        self::assertSame(str_repeat("\xff", 7) . "\xfe", substr($rows, 0, 8));
        self::assertNan(unpack('G', substr($rows, 8, 4))[1]);
        self::assertSame('abcT', substr($rows, 12, 4));
        self::assertSame("\x40" . str_repeat("\0", 7) . pack('G', -1.5) . "\0\0\0F", substr($rows, 16));
    }

    public function testUnknownIntegerIsRefused(): void
    {
        $writer = new TableWriter(fopen('php://memory', 'w+b'));
        $writer->begin('SOME', ['ID' => 'K']);
        $this->expectException(\InvalidArgumentException::class);
        $writer->row([null]);
    }

    public function testTextThatFitsInNoCardIsRefused(): void
    {
        $this->expectException(\InvalidArgumentException::class);
        new TableWriter(fopen('php://memory', 'w+b'), ['WORDS' => str_repeat('x', 70)]);
    }
}
