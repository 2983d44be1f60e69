<?php

declare(strict_types=1);

namespace CrowdSky\Tests\Pages;

use CrowdSky\Http\Language;
use CrowdSky\Pages\Figures;
use CrowdSky\Pages\Texts;
use PHPUnit\Framework\TestCase;

final class FiguresTest extends TestCase
{
    public function testSizesHaveTheWordsAndTheCommaOfTheLanguage(): void
    {
        $sizes = [0, 999, 1000, 52_400_000, 123_400_000, 1.5e12, 1.2345e16, null];

        self::assertSame(['0 bytes', '999 bytes', '1.0 kB', '52.4 MB', '123 MB', '1.5 TB', '12,345 TB', '–'], $this->all(Language::English, $sizes));
        self::assertSame(['0 Byte', '999 Byte', '1,0 kB', '52,4 MB', '123 MB', '1,5 TB', "12\u{202F}345 TB", '–'], $this->all(Language::German, $sizes));
    }

    public function testTimesAndPlaces(): void
    {
        $german = new Texts(Language::German);

        self::assertSame(['4,5 s', '12 min 30 s', '–'], array_map(static fn (?float $one): string => Figures::seconds($german, $one), [4.5, 750.0, null]));
        self::assertSame('2025-03-27 03:20 Ortszeit', Figures::localTime($german, '2025-03-27T03:20:11'));
        self::assertSame('RA 193,070°, Dec +40,980°', Figures::position($german, 193.07, 40.98));
        self::assertSame('RA 193.070°, Dec -40.980°', Figures::position(new Texts(Language::English), '193.07', '-40.98'));
        self::assertSame('2,5', Figures::plain($german, 2.5));
        self::assertSame('3', Figures::plain($german, 3.0));
    }

    /**
     * @param list<int|float|null> $sizes
     * @return list<string>
     */
    private function all(Language $language, array $sizes): array
    {
        return array_map(static fn (int|float|null $size): string => Figures::bytes(new Texts($language), $size), $sizes);
    }
}
