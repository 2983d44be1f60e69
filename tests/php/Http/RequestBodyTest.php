<?php

declare(strict_types=1);

namespace CrowdSky\Tests\Http;

use CrowdSky\Base\Refusal;
use CrowdSky\Http\Request;
use PHPUnit\Framework\TestCase;

final class RequestBodyTest extends TestCase
{
    /** @dataProvider bodies */
    public function testABodyThatTheServerHasLostIsNamed(array $server, string $body, ?string $error): void
    {
        $received = (new Request($server, body: 'data:,' . $body))->body();
        if ($error !== null) {
            $this->expectExceptionMessage($error);
        }

        self::assertSame($body, stream_get_contents($received->stream()));
    }

    /** @return iterable<string, array{array<string, string>, string, ?string}> */
    public static function bodies(): iterable
    {
        $lost = 'send it with Content-Length';
        yield 'chunks that arrive' => [['REQUEST_METHOD' => 'PUT', 'HTTP_TRANSFER_ENCODING' => 'chunked'], 'abc', null];
        yield 'chunks that are lost' => [['REQUEST_METHOD' => 'POST', 'HTTP_TRANSFER_ENCODING' => 'Chunked'], '', $lost];
        yield 'a server that hides the header' => [['REQUEST_METHOD' => 'PUT'], '', $lost];
        yield 'an empty file' => [['REQUEST_METHOD' => 'PUT', 'CONTENT_LENGTH' => '0'], '', null];
        yield 'a form without a body' => [['REQUEST_METHOD' => 'POST'], '', null];
    }

    public function testALengthThatIsNoNumberIsRefused(): void
    {
        $this->expectException(Refusal::class);
        (new Request(['CONTENT_LENGTH' => '-1']))->body()->length();
    }

    public function testOtherBytesThanTheClientNamesAreRefused(): void
    {
        $sent = '{"scatter": 0.0123}';
        $server = ['HTTP_X_SHA256' => hash('sha256', $sent), 'CONTENT_LENGTH' => (string) strlen($sent)];

        self::assertTrue((new Request($server, body: 'data:,' . $sent))->body()->json()->has('scatter'));
        $this->expectExceptionMessage('other bytes than X-SHA256 names');
        (new Request($server, body: 'data:,{"scatter": 0.0133}'))->body()->json();
    }
}
