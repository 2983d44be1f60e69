<?php

declare(strict_types=1);

namespace CrowdSky\Tests\Gallery;

use CrowdSky\Gallery\BrokenEntry;
use CrowdSky\Gallery\ZipWriter;
use PHPUnit\Framework\TestCase;

/** The bytes of ZIP files, the ZIP64 form included. That other programs read them is tested with the site. */
final class ZipWriterTest extends TestCase
{
    private string $bytes = '';

    public function testSizesAreKnownBefore(): void
    {
        foreach ([[], [['a', '']], [['a.fits', str_repeat('x', 70000)], ['ä/b.txt', 'b'], ['c', '']]] as $entries) {
            $zip = $this->zip();
            foreach ($entries as [$name, $content]) {
                self::add($zip, $name, $content);
            }
            $zip->finish();

            $sizes = array_map(static fn (array $entry): array => [$entry[0], strlen($entry[1])], $entries);
            self::assertSame(strlen($this->bytes), ZipWriter::size($sizes));
        }
    }

    public function testItsTableOfContentsNamesEveryEntry(): void
    {
        $zip = $this->zip();
        self::add($zip, 'one.txt', 'hello');
        self::add($zip, 'two.txt', 'world!');
        $zip->finish();

        $end = unpack('Vmark/vdisk/vfirst/vhere/ventries/Vlength/Vbegin/vcomment', substr($this->bytes, -22));
        self::assertSame([0x06054b50, 2, 2], [$end['mark'], $end['here'], $end['entries']]);
        $entry = unpack('Vmark/vmade/vneeds/vflags/vmethod/vtime/vdate/Vcrc/Vpacked/Vsize', substr($this->bytes, $end['begin'], 28));
        self::assertSame([0x02014b50, 0, 5, 5], [$entry['mark'], $entry['method'], $entry['packed'], $entry['size']]);
        self::assertSame(crc32('hello'), $entry['crc']);
        self::assertSame([2026 - 1980, 11, 30], [$entry['date'] >> 9, $entry['date'] >> 5 & 15, $entry['date'] & 31]);
        self::assertSame([12, 34, 28], [$entry['time'] >> 11, $entry['time'] >> 5 & 63, $entry['time'] & 31]);
        self::assertStringContainsString('one.txthello', $this->bytes);
    }

    public function testMoreEntriesThanTheOldFormCounts(): void
    {
        $entries = 65536;
        $zip = $this->zip();
        for ($number = 0; $number < $entries; $number++) {
            self::add($zip, 'f', '');
        }
        $zip->finish();

        self::assertSame(strlen($this->bytes), ZipWriter::size(array_fill(0, $entries, ['f', 0])));
        $end = unpack('Vmark/Psize/vmade/vneeds/Vdisk/Vfirst/Phere/Pentries/Plength/Pbegin', substr($this->bytes, -98, 56));
        self::assertSame([0x06064b50, 45, $entries], [$end['mark'], $end['needs'], $end['entries']]);
        self::assertSame(0x02014b50, unpack('V', substr($this->bytes, $end['begin'], 4))[1]);
        $locator = unpack('Vmark/Vdisk/Pat/Vdisks', substr($this->bytes, -42, 20));
        self::assertSame([0x07064b50, strlen($this->bytes) - 98], [$locator['mark'], $locator['at']]);
    }

    public function testAnEntryOfAnotherSizeIsNoZip(): void
    {
        foreach (['shor' => 4, 'longer' => 'more'] as $content => $said) {
            try {
                $this->zip()->add('a.fits', 5, self::time(), static fn (\Closure $sink) => $sink($content));
                self::fail('the entry has another size');
            } catch (BrokenEntry $error) {
                self::assertStringContainsString('a.fits in storage does not have the 5 bytes', $error->getMessage());
                self::assertStringContainsString((string) $said, $error->getMessage());
            }
        }
    }

    private function zip(): ZipWriter
    {
        $this->bytes = '';

        return new ZipWriter(function (string $piece): void {
            $this->bytes .= $piece;
        });
    }

    private static function add(ZipWriter $zip, string $name, string $content): void
    {
        $zip->add($name, strlen($content), self::time(), static function (\Closure $sink) use ($content): void {
            array_map($sink, $content === '' ? [] : str_split($content, 30000));
        });
    }

    private static function time(): \DateTimeImmutable
    {
        return new \DateTimeImmutable('2026-11-30 12:34:57');
    }
}
