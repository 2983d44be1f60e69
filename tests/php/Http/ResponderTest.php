<?php

declare(strict_types=1);

namespace CrowdSky\Tests\Http;

use CrowdSky\Base\Logger;
use CrowdSky\Base\Refusal;
use CrowdSky\Http\Request;
use CrowdSky\Http\Responder;
use CrowdSky\Tests\Database\StillClock;
use PHPUnit\Framework\TestCase;

final class ResponderTest extends TestCase
{
    private string $log;

    protected function setUp(): void
    {
        $this->log = (string) tempnam(sys_get_temp_dir(), 'log');
    }

    protected function tearDown(): void
    {
        unlink($this->log);
    }

    public function testAnExpectedErrorSpeaksForItself(): void
    {
        $response = $this->responder()->toResponse(Refusal::conflict('taken', 'lease_lost'), new Request([]));

        self::assertSame(409, $response->status);
        self::assertSame('{"error":"taken","code":"lease_lost"}', $response->body);
        self::assertSame('', file_get_contents($this->log));
    }

    public function testAnUnexpectedErrorIsANumberOutsideAndEverythingInTheLog(): void
    {
        $cause = new \RuntimeException('the disk /srv/x is gone');
        $error = new \LogicException("first line\nsecond line", 0, $cause);

        $response = $this->responder()->toResponse($error, new Request(['SCRIPT_NAME' => '/api/x.php']));

        $body = json_decode((string) $response->body, true);
        self::assertSame(500, $response->status);
        self::assertStringNotContainsString('line', $body['error']);
        $log = (string) file_get_contents($this->log);
        self::assertStringContainsString($body['reference'], $log);
        self::assertStringContainsString('the disk /srv/x is gone', $log);
        self::assertSame(1, substr_count($log, "\n"));
    }

    public function testHeadersOfAnErrorAreSent(): void
    {
        $response = $this->responder()->toResponse(Refusal::unavailable('later', 7), new Request([]));

        self::assertSame('7', $response->headers['Retry-After']);
    }

    public function testAPersonGetsAPageThatCannotBeInjectedInto(): void
    {
        $request = new Request(['SCRIPT_NAME' => '/status.php', 'HTTP_ACCEPT' => 'text/html']);

        $response = $this->responder()->toResponse(Refusal::notFound('<script>'), $request);

        self::assertSame('text/html; charset=utf-8', $response->headers['Content-Type']);
        self::assertStringContainsString('&lt;script&gt;', (string) $response->body);
    }

    private function responder(): Responder
    {
        return new Responder(new Logger($this->log, 'info', new StillClock()), Responder::plainPage(...));
    }
}
