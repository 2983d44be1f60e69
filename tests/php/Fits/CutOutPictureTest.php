<?php

declare(strict_types=1);

namespace CrowdSky\Tests\Fits;

use CrowdSky\Fits\CutOutPicture;
use CrowdSky\Fits\PixelSpans;
use CrowdSky\Fits\PixelWindow;
use CrowdSky\Storage\LocalStorage;
use PHPUnit\Framework\TestCase;

final class CutOutPictureTest extends TestCase
{
    private const SIDE = 9;
    private const PATH = '/stack.fits';

    private string $folder;

    protected function setUp(): void
    {
        $this->folder = sys_get_temp_dir() . '/cutout-' . bin2hex(random_bytes(8));
        mkdir($this->folder);
    }

    protected function tearDown(): void
    {
        array_map(unlink(...), glob("{$this->folder}/*") ?: []);
        rmdir($this->folder);
    }

    public function testAStarOfTheSameLightLooksTheSameOverAnotherSky(): void
    {
        $spans = $this->spansOf($this->stack(1000.0, 400.0));
        self::assertNotNull($spans);
        $size = $this->stack(7000.0, 200.0);

        // A picture of half the sensitivity.
        $half = $spans->times(['RED' => 0.5, 'GREEN' => 0.5, 'BLUE' => 0.5]);
        self::assertSame([33, 255], $this->greys($size, $half));
        self::assertSame([33, 144], $this->greys($size, $spans), 'and is fainter at equal sensitivity');
    }

    public function testWithoutSpansThePercentilesCount(): void
    {
        self::assertSame(0, $this->greys($this->stack(1000.0, 400.0), null)[0]);
    }

    public function testPlanesWithoutAFactorAreStretchedByThemselves(): void
    {
        $spans = $this->spansOf($this->stack(1000.0, 400.0));

        self::assertNull($spans?->times(['LUM' => 1.0]));
        self::assertNull($spans?->times(['GREEN' => 2.0])?->of('RED'));
        self::assertSame(800.0, $spans?->times(['GREEN' => 2.0])?->of('GREEN'));
    }

    public function testAStarThatIsNotThereGivesNoSpans(): void
    {
        self::assertNull($this->spansOf($this->stack(1000.0, 0.0)));
    }

    public function testAFileWithoutColoursGivesNoPicture(): void
    {
        $file = StackFile::primary() . StackFile::image('RED', self::SIDE, self::SIDE) . StackFile::image('GREEN', self::SIDE, self::SIDE);
        file_put_contents($this->folder . self::PATH, $file);

        self::assertNull(CutOutPicture::ofStored(new LocalStorage($this->folder), self::PATH, strlen($file), $this->all()));
    }

    /** A star of one pixel in the middle; returns the size of the file. */
    private function stack(float $sky, float $star): int
    {
        $pixels = array_fill(0, self::SIDE ** 2, $sky);
        $pixels[intdiv(self::SIDE ** 2, 2)] += $star;
        $file = StackFile::primary();
        foreach (['RED', 'GREEN', 'BLUE'] as $name) {
            $file .= StackFile::image($name, self::SIDE, self::SIDE, $pixels);
        }
        file_put_contents($this->folder . self::PATH, $file);

        return strlen($file);
    }

    private function spansOf(int $size): ?PixelSpans
    {
        return PixelSpans::ofStar(new LocalStorage($this->folder), self::PATH, $size, $this->all(), new PixelWindow(3, 3, 3, 3));
    }

    private function all(): PixelWindow
    {
        return new PixelWindow(0, 0, self::SIDE, self::SIDE);
    }

    /** @return array{int, int} green of the sky and of the star */
    private function greys(int $size, ?PixelSpans $spans): array
    {
        $png = CutOutPicture::ofStored(new LocalStorage($this->folder), self::PATH, $size, $this->all(), $spans);
        self::assertNotNull($png);
        $start = strpos($png, 'IDAT') + 4;
        $lines = gzuncompress(substr($png, $start, strpos($png, 'IEND') - 8 - $start));
        self::assertIsString($lines);
        $line = 1 + 3 * self::SIDE;
        $middle = intdiv(self::SIDE, 2);

        return [ord($lines[2]), ord($lines[$middle * $line + 1 + 3 * $middle + 1])];
    }
}
