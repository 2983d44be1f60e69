<?php

declare(strict_types=1);

namespace CrowdSky\Tests\Http;

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

    /** @dataProvider places */
    public function testKnowsUnderWhichAddressAFileWouldBeShown(string $script, string $folder, ?string $address): void
    {
        $request = new Request(['SCRIPT_FILENAME' => "$folder/php_api/public/api/health.php", 'SCRIPT_NAME' => $script]);

        self::assertSame($address, $request->addressOf('/srv/my www/data/secret'));
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

    public function testALengthThatIsNoNumberIsRefused(): void
    {
        $this->expectException(Refusal::class);
        (new Request(['CONTENT_LENGTH' => '-1']))->contentLength();
    }
}
