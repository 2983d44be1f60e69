<?php

declare(strict_types=1);

namespace CrowdSky\Tests\Results;

use CrowdSky\Fits\FitsOutline;
use CrowdSky\Jobs\JobKind;
use CrowdSky\Results\ExpectedStack;
use CrowdSky\Results\StackLayout;
use CrowdSky\Results\StackSubstance;
use CrowdSky\Tests\Fits\StackFile;
use PHPUnit\Framework\TestCase;

final class StackSubstanceTest extends TestCase
{
    public function testAStackIsAcceptedHoweverItIsCutIntoPieces(): void
    {
        $file = StackFile::primary() . StackFile::planes() . StackFile::image('FOOTPRINT', 10, 7, [2], ['BITPIX' => '8'])
            . StackFile::image('VARIANCE', 10, 7) . StackFile::image('REJECTED', 10, 7, [0], ['BITPIX' => '8'])
            . StackFile::image('ELSE', 3, 3, [NAN]);

        foreach ([1, 7, 2881, 16383, 1 << 20] as $piece) {
            self::assertNull(self::problem($file, $piece), "in pieces of $piece bytes");
        }
    }

    public function testUncoveredPixelsAreZeroAndIntegersArePixelsToo(): void
    {
        $integers = ['BITPIX' => '16', 'BZERO' => '32768', 'BSCALE' => '1'];
        $file = StackFile::primary() . StackFile::image('RED', 10, 7, [0.0, -0.0, 5.5], ['BITPIX' => '-64'])
            . StackFile::image('GREEN', 10, 7, [0x7f80, 0], $integers) . StackFile::image('BLUE', 10, 7, [0.0, 3.4e38, -1e-38]);

        self::assertNull(self::problem($file));
    }

    /** @dataProvider flawedStacks */
    public function testAFileWithoutLightIsNoStack(string $file, string $words): void
    {
        self::assertStringContainsString($words, (string) self::problem($file));
    }

    /** @return iterable<string, array{string, string}> */
    public static function flawedStacks(): iterable
    {
        $two = StackFile::primary() . StackFile::image('RED', 10, 7) . StackFile::image('GREEN', 10, 7);
        yield 'data in the primary' => [StackFile::primary(['NAXIS' => '1', 'NAXIS1' => '5']) . str_repeat("\0", 2880), 'primary part holds data'];
        yield 'no BLUE' => [$two, 'no extension named BLUE'];
        yield 'two of BLUE' => [$two . StackFile::image('BLUE', 10, 7) . StackFile::image('blue', 10, 7), 'it has 2 extensions named BLUE'];
        $planes = [
            'no axes' => [StackFile::header(['XTENSION' => "'IMAGE   '", 'BITPIX' => '8', 'NAXIS' => '0', 'EXTNAME' => "'BLUE'"]), 'BLUE has 0 axes, not 2'],
            'no pixels' => [StackFile::image('BLUE', 0, 7), 'BLUE has no pixels'],
            'three axes' => [StackFile::image('BLUE', 10, 7, changes: ['NAXIS' => '3', 'NAXIS3' => '1']), 'BLUE has 3 axes, not 2'],
            'another size' => [StackFile::image('BLUE', 7, 10), 'BLUE has 7 x 10 pixels, not 10 x 7'],
            'a table' => [StackFile::image('BLUE', 10, 7, [1, 2], ['XTENSION' => "'BINTABLE'", 'BITPIX' => '8']), 'BLUE is not an image'],
            'all zero' => [StackFile::image('BLUE', 10, 7, [0.0]), 'all pixels of BLUE have the same value'],
            'one level' => [StackFile::image('BLUE', 10, 7, [7], ['BITPIX' => '16']), 'all pixels of BLUE have the same value'],
            'a scale of 0' => [StackFile::image('BLUE', 10, 7, changes: ['BSCALE' => '0.0']), 'BLUE has a BSCALE'],
            'an offset of none' => [StackFile::image('BLUE', 10, 7, changes: ['BZERO' => "'none'"]), 'BLUE has a BSCALE'],
            'undefined pixels' => [StackFile::image('BLUE', 10, 7, [1, 2], ['BITPIX' => '16', 'BLANK' => '1']), 'BLUE has a BSCALE'],
        ];
        foreach ($planes as $what => [$plane, $words]) {
            yield $what => [$two . $plane, $words];
        }
        foreach (['-32', '-64'] as $bitpix) {
            foreach ([NAN, INF, -INF] as $value) {
                $pixels = [...array_fill(0, 69, 1.5), $value];
                yield "$value in $bitpix" => [$two . StackFile::image('BLUE', 10, 7, $pixels, ['BITPIX' => $bitpix]), 'BLUE holds values that are no numbers'];
            }
        }
        $good = $two . StackFile::image('BLUE', 10, 7);
        yield 'nothing covered' => [$good . StackFile::image('FOOTPRINT', 10, 7, [0], ['BITPIX' => '8']), 'FOOTPRINT is 0 everywhere'];
        yield 'a small footprint' => [$good . StackFile::image('FOOTPRINT', 5, 7, [2], ['BITPIX' => '8']), 'FOOTPRINT has 5 x 7 pixels, not 10 x 7'];
        yield 'a variance that is no number' => [$good . StackFile::image('VARIANCE', 10, 7, [1.5, NAN]), 'VARIANCE holds values that are no numbers'];
        yield 'two variances' => [$good . StackFile::image('VARIANCE', 10, 7) . StackFile::image('VARIANCE', 10, 7), 'it has 2 extensions named VARIANCE'];
        yield 'a small map' => [$good . StackFile::image('REJECTED', 5, 7, [2], ['BITPIX' => '8']), 'REJECTED has 5 x 7 pixels, not 10 x 7'];
        yield 'false sum' => [$two . StackFile::image('BLUE', 10, 7, changes: ['DATASUM' => "'1'"]), 'BLUE is damaged: it differs from its own DATASUM'];
        yield 'false header' => [StackFile::primary(['CHECKSUM' => "'9aaD9ZV99aaC9YU9'"]) . StackFile::planes(), 'its primary part is damaged'];
        foreach ([['NIMAGES' => '3'], ['NIMAGES' => "'two'"], ['EXPTIME' => '21'], ['EXPTIME' => 'NaN'], ['TOTALEXP' => '20.0']] as $lie) {
            yield key($lie) . ' ' . current($lie) => [StackFile::primary($lie) . StackFile::planes(), key($lie)];
        }
    }

    public function testPlanesAreOfTheSizeOfTheFrames(): void
    {
        $file = StackFile::primary() . StackFile::planes(10, 7);

        self::assertNull(self::problem($file, frameSize: [10, 7]));
        self::assertSame('RED has 10 x 7 pixels, not 20 x 14 as the raw frames', self::problem($file, frameSize: [20, 14]));
    }

    public function testFiguresThatNobodyReportedAreNotCompared(): void
    {
        $expected = new ExpectedStack(StackLayout::of(JobKind::Rescan), null, null, null);

        self::assertNull(StackSubstance::problem(self::read(StackFile::primary(['TOTALEXP' => '1']) . StackFile::planes(), 2880), $expected));
    }

    /** @param array{int, int}|null $frameSize */
    private static function problem(string $file, int $piece = 1000, ?array $frameSize = null): ?string
    {
        return StackSubstance::problem(self::read($file, $piece), new ExpectedStack(StackLayout::of(JobKind::Stack), $frameSize, 2, 20.0));
    }

    private static function read(string $file, int $piece): FitsOutline
    {
        $outline = new FitsOutline();
        array_map($outline->feed(...), str_split($file, $piece));
        self::assertNull($outline->problem());
        return $outline;
    }
}
