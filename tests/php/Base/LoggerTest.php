<?php

declare(strict_types=1);

namespace CrowdSky\Tests\Base;

use CrowdSky\Base\Logger;
use CrowdSky\Http\JsonBody;
use CrowdSky\Tests\Database\StillClock;
use PHPUnit\Framework\TestCase;

/** An event is one line of the log, whatever outsiders have written. */
final class LoggerTest extends TestCase
{
    private const FORGED = '2026-01-01T00:00:00.000Z INFO all is well';

    private string $file;

    protected function setUp(): void
    {
        $this->file = (string) tempnam(sys_get_temp_dir(), 'log');
    }

    protected function tearDown(): void
    {
        unlink($this->file);
    }

    /** @dataProvider lineEnds */
    public function testATextNeverBeginsASecondLine(string $end): void
    {
        $this->log()->warning('refused: ' . $end . self::FORGED, ['worker' => $end . self::FORGED, 'list' => [[$end]]]);

        $written = (string) file_get_contents($this->file);
        self::assertSame(1, preg_match_all('/\R/u', $written));
        self::assertSame(0, preg_match('/(?!\n)[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u', $written));
        self::assertSame(2, substr_count($written, self::FORGED));
    }

    /** @return iterable<string, array{string}> */
    public static function lineEnds(): iterable
    {
        foreach (["\n", "\r\n", "\u{85}", "\u{2028}", "\u{2029}", "\x1b[2J", "\u{9b}2J", "\u{202e}", "\u{e0001}"] as $end) {
            yield json_encode($end) => [$end];
        }
    }

    public function testALineHasAnEnd(): void
    {
        $long = str_repeat('x', 2_000_000);
        $this->log()->error($long, ['one' => $long, 'many' => array_fill(0, 100, $long), 'next' => 'é' . $long]);

        $written = (string) file_get_contents($this->file);
        self::assertLessThan(17_000, strlen($written));
        self::assertStringEndsWith("…\n", $written);
    }

    public function testBytesThatAreNoTextAreReplaced(): void
    {
        $this->log()->info("a\xff\nb", ['name' => "c\xffd"]);

        self::assertStringEndsWith("INFO a? b {\"name\":\"c?d\"}\n", (string) file_get_contents($this->file));
    }

    public function testAMessageOfAWorkerKeepsItsLinesAndNothingThatHidesOthers(): void
    {
        $body = JsonBody::parse('{"error_message": "a\\n\\tb\\u001b\\u009b\\u2028\\u202ec"}');

        self::assertSame("a\n\tb    c", $body->optionalMessage('error_message', 100));
    }

    private function log(): Logger
    {
        return new Logger($this->file, 'info', new StillClock());
    }
}
