<?php

declare(strict_types=1);

namespace CrowdSky\Tests\Http;

use CrowdSky\Base\AddressList;
use CrowdSky\Base\Refusal;
use CrowdSky\Base\RefusalKind;
use CrowdSky\Http\Request;
use PHPUnit\Framework\TestCase;

final class RequestTest extends TestCase
{
    /**
     * @dataProvider waysOfAuthorization
     * @param array<string, string> $server
     * @param array<string, string> $headers
     */
    public function testFindsAuthorizationWhereverTheServerPutIt(array $server, array $headers): void
    {
        self::assertSame('key', (new Request($server, headers: $headers))->authorization('Bearer'));
    }

    /** @dataProvider forwarded */
    public function testBelievesTheListedProxiesAndNobodyElse(string $peer, string $for, string $proto, string $address, bool $secure): void
    {
        $server = ['REMOTE_ADDR' => $peer, 'HTTP_X_FORWARDED_FOR' => $for, 'HTTP_X_FORWARDED_PROTO' => $proto];
        $request = (new Request($server))->through(AddressList::parse('127.0.0.1, 10.0.0.0/8'));

        self::assertSame([$address, $secure], [$request->remoteAddress(), $request->isSecure()]);
        self::assertSame($peer, (new Request($server))->remoteAddress());
        self::assertFalse((new Request($server))->isSecure());
    }

    /** @return iterable<string, array{string, string, string, string, bool}> */
    public static function forwarded(): iterable
    {
        yield 'a proxy' => ['127.0.0.1', '192.0.2.7', 'https', '192.0.2.7', true];
        yield 'two proxies' => ['127.0.0.1', '192.0.2.7, 10.1.2.3', 'https,http', '192.0.2.7', true];
        yield 'an invented address' => ['127.0.0.1', '198.51.100.9, 192.0.2.7', 'http', '192.0.2.7', false];
        yield 'anybody' => ['192.0.2.7', '198.51.100.9', 'https', '192.0.2.7', false];
        yield 'a proxy that says nothing' => ['127.0.0.1', '', '', '127.0.0.1', false];
        yield 'a proxy that hides it' => ['127.0.0.1', '192.0.2.7, unknown', 'https', '127.0.0.1', true];
        yield 'only proxies' => ['127.0.0.1', '10.0.0.1', 'https', '10.0.0.1', true];
    }

    public function testASecureConnectionNeedsNoProxy(): void
    {
        self::assertTrue((new Request(['HTTPS' => 'on', 'REMOTE_ADDR' => '127.0.0.1']))->through(AddressList::parse('127.0.0.1'))->isSecure());
    }

    /** @dataProvider places */
    public function testKnowsUnderWhichAddressAFileWouldBeShown(string $script, string $folder, ?string $address): void
    {
        $request = new Request(['SCRIPT_FILENAME' => "$folder/php_api/public/api/health.php", 'SCRIPT_NAME' => $script]);

        self::assertSame($address, $request->ownAddress()->of('/srv/my www/data/secret'));
    }

    /** @return iterable<string, array{string, string, ?string}> */
    public static function places(): iterable
    {
        yield 'below the web root' => ['/php_api/public/api/health.php', '/srv/my www', '/data/secret'];
        yield 'below a folder of a user' => ['/~me/x/php_api/public/api/health.php', '/srv/my www/x', '/~me/data/secret'];
        yield 'server with encoded names' => ['/my%20www/php_api/public/api/health.php', '/srv/my www', '/my%20www/data/secret'];
        yield 'beside the web root' => ['/api/health.php', '/srv/my www', null];
        yield 'elsewhere' => ['/php_api/public/api/health.php', '/home/me', null];
    }

    /** @return iterable<array{array<string, string>, array<string, string>}> */
    public static function waysOfAuthorization(): iterable
    {
        yield [['HTTP_AUTHORIZATION' => 'Bearer key'], []];
        yield [['REDIRECT_HTTP_AUTHORIZATION' => 'bearer  key '], []];
        yield [[], ['authorization' => 'BEARER key']];
    }

    public function testAnotherSchemeIsNoBearer(): void
    {
        foreach (['Basic key', 'Bearerkey', 'Bearer', ''] as $header) {
            self::assertNull((new Request(['HTTP_AUTHORIZATION' => $header]))->authorization('Bearer'));
        }
    }

    public function testParametersAreOnePlainText(): void
    {
        self::assertSame('ü', (new Request([], ['a' => 'ü']))->query('a'));
        self::assertNull((new Request([], []))->query('a'));
        foreach ([['x'], "\xff", "a\0b"] as $odd) {
            try {
                (new Request([], ['a' => $odd]))->query('a');
                self::fail('accepted');
            } catch (Refusal $refusal) {
                self::assertSame(RefusalKind::BadInput, $refusal->kind);
            }
        }
    }

    public function testSeveralFilesInOneFieldAreRefused(): void
    {
        $this->expectException(Refusal::class);
        (new Request([], files: ['f' => ['name' => ['a', 'b']]]))->file('f');
    }

    public function testAnErrorIsAPageOnlyForAPersonOnAPage(): void
    {
        $person = ['SCRIPT_NAME' => '/status.php', 'HTTP_ACCEPT' => 'text/html,*/*'];

        self::assertTrue((new Request($person))->wantsPage());
        self::assertFalse((new Request(['HTTP_ACCEPT' => '*/*'] + $person))->wantsPage());
        self::assertFalse((new Request(['SCRIPT_NAME' => '/api/next_job.php'] + $person))->wantsPage());
        self::assertFalse((new Request($person + ['HTTP_X_REQUESTED_WITH' => 'XMLHttpRequest']))->wantsPage());
    }
}
