<?php

declare(strict_types=1);

namespace CrowdSky\Tests\Fits;

use CrowdSky\Fits\FitsOutline;
use CrowdSky\Fits\PlaceSearch;
use CrowdSky\Storage\LocalStorage;
use PHPUnit\Framework\TestCase;

final class PlaceSearchTest extends TestCase
{
    private string $folder;

    protected function setUp(): void
    {
        $this->folder = sys_get_temp_dir() . '/place-' . bin2hex(random_bytes(8));
        mkdir($this->folder);
    }

    protected function tearDown(): void
    {
        array_map(unlink(...), glob("{$this->folder}/*") ?: []);
        rmdir($this->folder);
    }

    /** @dataProvider cards */
    public function testACardOfAnyHeaderMayTell(string $card, bool $tells): void
    {
        $extension = ['XTENSION' => "'IMAGE   '", 'BITPIX' => '8', 'NAXIS' => '0', 'PCOUNT' => '0', 'GCOUNT' => '1', $card => '1.5'];

        self::assertSame($tells, $this->tells(StackFile::primary([$card => '1.5'])));
        self::assertSame($tells, $this->tells(StackFile::primary() . StackFile::header($extension)));
    }

    /** @return iterable<string, array{string, bool}> */
    public static function cards(): iterable
    {
        foreach (['SITELAT' => true, 'AIRMASS' => true, 'OBSERVER' => true, 'BREITE' => true, 'RA' => false, 'BJD_TDB' => false] as $card => $tells) {
            yield $card => [$card, $tells];
        }
    }

    /** @dataProvider names */
    public function testNamesOfFramesTellUnlessTheyAreNumbers(string $name, bool $tells): void
    {
        self::assertSame($tells, $this->tells(StackFile::primary() . StackFile::planes() . self::frames(['frame_1.fits', $name])));
    }

    /** @return iterable<array{string, bool}> */
    public static function names(): iterable
    {
        yield ['frame_77.fits', false];
        yield ['Light_20250326-212046.fit', true];
        yield ['frame_20250326-212046.fits', true];
        yield ['', true];
    }

    public function testAFileThatIsNoStackTells(): void
    {
        self::assertTrue($this->tells('anything'));
        self::assertTrue($this->tells(StackFile::primary() . 'behind'));
    }

    private function tells(string $file): bool
    {
        file_put_contents("{$this->folder}/stack.fits", $file);
        $tells = PlaceSearch::tells(new LocalStorage($this->folder), '/stack.fits', strlen($file));
        $outline = new FitsOutline();
        array_map($outline->feed(...), str_split($file, 1000));
        if ($outline->problem() === null) {
            self::assertSame($tells, $outline->tellsPlace(), 'a stack that is being verified is found to be the same');
        }
        return $tells;
    }

    /** @param list<string> $names */
    private static function frames(array $names): string
    {
        $cards = [
            'XTENSION' => "'BINTABLE'", 'BITPIX' => '8', 'NAXIS' => '2', 'NAXIS1' => '48', 'NAXIS2' => (string) count($names), 'PCOUNT' => '0',
            'GCOUNT' => '1', 'TFIELDS' => '2', 'TTYPE1' => "'EXPTIME '", 'TFORM1' => "'D       '", 'TTYPE2' => "'FILENAME'", 'TFORM2' => "'40A     '",
            'EXTNAME' => "'FRAMES  '",
        ];
        $rows = array_map(static fn (string $name): string => pack('E', 10.0) . str_pad($name, 40, "\0"), $names);
        return StackFile::header($cards) . FitsFile::padded(implode('', $rows), "\0");
    }
}
