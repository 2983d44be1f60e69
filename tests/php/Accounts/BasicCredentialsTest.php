<?php

declare(strict_types=1);

namespace CrowdSky\Tests\Accounts;

use CrowdSky\Accounts\BasicCredentials;
use CrowdSky\Accounts\Password;
use CrowdSky\Http\Request;
use PHPUnit\Framework\TestCase;

final class BasicCredentialsTest extends TestCase
{
    /** @dataProvider places */
    public function testServersPassThemOnInSeveralPlaces(Request $request): void
    {
        $sent = BasicCredentials::of($request);

        self::assertSame('ann', $sent?->name);
        self::assertTrue($sent->match(Password::hash('a:b:c')));
    }

    /** @return iterable<string, array{Request}> */
    public static function places(): iterable
    {
        $header = 'Basic ' . base64_encode('ann:a:b:c');
        yield 'as usual' => [new Request(['HTTP_AUTHORIZATION' => $header])];
        yield 'after a rewrite' => [new Request(['REDIRECT_HTTP_AUTHORIZATION' => $header])];
        yield 'in the headers only' => [new Request([], headers: ['authorization' => $header])];
    }

    /** @dataProvider encodings */
    public function testEitherEncodingOfAPassword(string $sent): void
    {
        $credentials = BasicCredentials::of(new Request(['HTTP_AUTHORIZATION' => 'Basic ' . base64_encode("ann:$sent")]));

        self::assertTrue($credentials?->match(Password::hash('schläft: grüße')));
        self::assertFalse($credentials->match(Password::hash('schlaeft: gruesse')));
        self::assertFalse($credentials->match(null));
    }

    /** @return iterable<string, array{string}> */
    public static function encodings(): iterable
    {
        yield 'UTF-8' => ['schläft: grüße'];
        yield 'Latin-1' => [mb_convert_encoding('schläft: grüße', 'ISO-8859-1', 'UTF-8')];
    }

    public function testBytesThatAreGoodTextInBothAreTriedAsBoth(): void
    {
        // What requests sends for this password is "schläft" to a reader of UTF-8.
        $latin = mb_convert_encoding('schlÃ¤ft', 'ISO-8859-1', 'UTF-8');
        $credentials = BasicCredentials::of(new Request(['HTTP_AUTHORIZATION' => 'Basic ' . base64_encode("ann:$latin")]));

        self::assertTrue($credentials?->match(Password::hash('schlÃ¤ft')));
        self::assertTrue($credentials->match(Password::hash('schläft')));
    }
}
