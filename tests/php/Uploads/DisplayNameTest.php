<?php

declare(strict_types=1);

namespace CrowdSky\Tests\Uploads;

use CrowdSky\Uploads\DisplayName;
use CrowdSky\Uploads\TakenNames;
use CrowdSky\Uploads\UploadRefused;
use PHPUnit\Framework\TestCase;

final class DisplayNameTest extends TestCase
{
    /** @dataProvider names */
    public function testKeepsANameAsItIsKnown(string $sent, string $expected): void
    {
        $name = DisplayName::of($sent)->text;

        self::assertSame($expected, $name);
        self::assertMatchesRegularExpression('/^[^\p{C}\/\\\\. ][^\p{C}\/\\\\]{0,119}$/Du', $name);
    }

    public static function names(): array
    {
        return [
            'of a telescope' => ['Light_M 94_10.0s_IRCUT_20250326-212046.fit', 'Light_M 94_10.0s_IRCUT_20250326-212046.fit'],
            'capitals' => ['A.FITS', 'A.FITS'],
            'folders' => ['../../x.php.fits', 'x.php.fits'],
            'folders of Windows' => ['C:\\night\\..\\x.fit', 'x.fit'],
            'hidden' => ['...hidden.fit', 'hidden.fit'],
            'blanks before the dot' => ['a . .fit', 'a.fit'],
            'header injection' => ["a\r\nX: y.fit", 'a__X: y.fit'],
            'letters beyond ASCII' => ['Kopie_äöü ß 星.fit', 'Kopie_äöü ß 星.fit'],
            'markup, which pages escape' => ['a<b>&"c.fit', 'a<b>&"c.fit'],
            'turned around' => ["a\u{202E}tif.fit", 'a_tif.fit'],
            'long, in letters of several bytes' => [str_repeat('ä', 400) . '.fit', str_repeat('ä', 116) . '.fit'],
            'not UTF-8' => ["a\xff.fit", 'a_.fit'],
            'much too long' => [str_repeat('n', 400) . '.fits', str_repeat('n', 115) . '.fits'],
        ];
    }

    /** @dataProvider others */
    public function testRefusesOtherExtensions(string $sent): void
    {
        $this->expectException(UploadRefused::class);
        DisplayName::of($sent);
    }

    public static function others(): array
    {
        return array_map(fn (string $name) => [$name], ['', 'fit', '.fits', 'a.fit.gz', 'a.php', 'a.fit/', 'a.fit%00', 'a.fi']);
    }

    public function testTakenNamesAreNumbered(): void
    {
        $names = new TakenNames(['Light.fit', 'light_2.fit', 'dark_3.fit']);
        $taken = array_map(
            fn (string $name) => $names->take(DisplayName::of($name)),
            ['LIGHT.FIT', 'light.fit', 'other.fit', 'light_4.fit', 'dark.fit', 'dark.fit', 'dark.fit', 'Öl.fit', 'öl.fit'],
        );

        self::assertSame(
            ['LIGHT_3.FIT', 'light_4.fit', 'other.fit', 'light_4_2.fit', 'dark.fit', 'dark_2.fit', 'dark_4.fit', 'Öl.fit', 'öl_2.fit'],
            $taken,
        );
    }
}
