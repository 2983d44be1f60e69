<?php

declare(strict_types=1);

namespace CrowdSky\Tests\Accounts;

use CrowdSky\Accounts\SealedSecret;
use CrowdSky\Accounts\Totp;
use CrowdSky\Accounts\TypedCode;
use PHPUnit\Framework\TestCase;

final class TotpTest extends TestCase
{
    private const SECRET = '12345678901234567890';

    /**
     * The table of RFC 6238, appendix B, of whose 8 digits an app shows the last 6.
     *
     * @dataProvider moments
     */
    public function testCodesAreThoseOfTheStandard(int $seconds, string $code): void
    {
        self::assertSame($code, Totp::code(self::SECRET, intdiv($seconds, 30)));
        self::assertSame(intdiv($seconds, 30), Totp::step(self::SECRET, $code, $seconds + 30));
        self::assertNull(Totp::step(self::SECRET, $code, $seconds + 90));
        self::assertNull(Totp::step(self::SECRET, substr($code, 1), $seconds));
    }

    /** @return iterable<array{int, string}> */
    public static function moments(): iterable
    {
        yield [59, '287082'];
        yield [1111111109, '081804'];
        yield [1111111111, '050471'];
        yield [1234567890, '005924'];
        yield [2000000000, '279037'];
        yield [20000000000, '353130'];
    }

    public function testASecretIsShownInBase32(): void
    {
        self::assertSame('GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ', Totp::shown(self::SECRET));
        self::assertSame('MZXW6YTB', Totp::shown('fooba'));
    }

    public function testASealedSecretOpensWithItsServerOnly(): void
    {
        $seal = new SealedSecret(str_repeat('s', 32));
        $sealed = $seal->seal(self::SECRET);

        self::assertSame(self::SECRET, $seal->open($sealed));
        self::assertNull((new SealedSecret(str_repeat('t', 32)))->open($sealed));
        self::assertNull($seal->open(strrev($sealed)));
        self::assertNotSame($sealed, $seal->seal(self::SECRET));
        self::assertStringNotContainsString(bin2hex(self::SECRET), $sealed);
        $this->expectException(\LengthException::class);
        $seal->seal(str_repeat('x', 33));
    }

    public function testCodesMayBeTypedInAnyWay(): void
    {
        $code = TypedCode::make(26);

        self::assertMatchesRegularExpression('/^([0-9A-HJKMNP-TV-Z]{4}-){6}[0-9A-HJKMNP-TV-Z]{2}$/D', $code);
        self::assertNotSame($code, TypedCode::make(26));
        self::assertSame(TypedCode::hash($code), TypedCode::hash(' ' . strtolower(strtr($code, '-', ' '))));
        self::assertSame(TypedCode::hash('01-1'), TypedCode::hash('oIl'));
    }
}
