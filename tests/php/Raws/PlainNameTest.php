<?php

declare(strict_types=1);

namespace CrowdSky\Tests\Raws;

use CrowdSky\Raws\PlainName;
use PHPUnit\Framework\TestCase;

final class PlainNameTest extends TestCase
{
    /** @dataProvider names */
    public function testKeepsWhatCanBeRead(string $name, string $expected): void
    {
        self::assertSame($expected, PlainName::of($name, 7));
    }

    public static function names(): array
    {
        return [
            'umlauts' => ['Kopie_äöüß ÄÖÜ.fit', 'Kopie_aeoeuess AeOeUe.fit'],
            'umlauts of macOS' => ["Kopie_a\u{308}.fit", 'Kopie_ae.fit'],
            'accents' => ['Étoile ñ Łódź ø.fit', 'Etoile n Lodz o.fit'],
            'accents of macOS' => ["E\u{301}toile.fit", 'Etoile.fit'],
            'other scripts' => ['星雲_1.fit', '___1.fit'],
            'markup' => ['<b>&"c.fit', '_b___c.fit'],
            'nothing' => ['...', 'frame_7.fits'],
        ];
    }
}
