<?php

declare(strict_types=1);

namespace CrowdSky\Tests\Mail;

use CrowdSky\Mail\Message;
use PHPUnit\Framework\TestCase;

final class MessageTest extends TestCase
{
    public function testASubjectBringsNoHeader(): void
    {
        $source = $this->source("Hello\r\nBcc: eve@example.org\r\n\r\nText\0", 'a text');

        self::assertStringContainsString("\r\nSubject: Hello Bcc: eve@example.org Text\r\n", $source);
        self::assertSame(1, substr_count($source, "\r\n\r\n"));
    }

    /** @dataProvider addresses */
    public function testARecipientIsOneAddress(string $address): void
    {
        $this->expectException(\InvalidArgumentException::class);
        new Message($address, 's', 't');
    }

    /** @return iterable<array{string}> */
    public static function addresses(): iterable
    {
        yield ["a@example.org\r\nBcc: b@example.org"];
        yield ["a@example.org\n"];
        yield ['a@example.org, b@example.org'];
        yield ['<a@example.org>'];
        yield ['Ann <a@example.org>'];
        yield [''];
    }

    public function testALongSubjectOfAllAlphabetsIsReadBack(): void
    {
        $subject = str_repeat('Größe 星空 – ', 20) . 'Ende';
        $source = $this->source($subject, 'a text');
        preg_match('/^Subject: ((?:[^\r]|\r\n )*)\r\n/m', $source, $match);

        self::assertSame(trim($subject), mb_decode_mimeheader($match[1]));
        foreach (explode("\r\n", $source) as $line) {
            self::assertLessThanOrEqual(78, strlen($line));
            self::assertMatchesRegularExpression('/^[\x20-\x7e]*$/D', $line);
        }
    }

    public function testATextKeepsItsLinesAndCharacters(): void
    {
        $text = "Über\n.\n.. dots\r\n" . str_repeat('word ', 300) . "\n\nEnd =";
        [, $body] = explode("\r\n\r\n", $this->source('s', $text), 2);

        self::assertSame(str_replace(["\r\n", "\n"], ["\n", "\r\n"], $text) . "\r\n", quoted_printable_decode($body));
    }

    private function source(string $subject, string $text): string
    {
        return (new Message('ann@example.org', $subject, $text))->source('sky@example.org', new \DateTimeImmutable('2026-01-02'), 'id');
    }
}
