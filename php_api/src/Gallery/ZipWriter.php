<?php

declare(strict_types=1);

namespace CrowdSky\Gallery;

/**
 * Writes a ZIP file piece by piece to somewhere that cannot go back, such as a connection. Entries are stored, not
 * compressed: stacks are noise, of which compression takes time and saves little.
 *
 * After PKWARE's APPNOTE 6.3.9: a checksum is known only behind its entry, so it follows in a data descriptor. Sizes from
 * 4 GiB on, and more than 65534 entries, are written in the ZIP64 form.
 */
final class ZipWriter
{
    private const LOCAL = 0x04034b50;
    private const DESCRIPTOR = 0x08074b50;
    private const CENTRAL = 0x02014b50;
    private const END_64 = 0x06064b50;
    private const LOCATOR_64 = 0x07064b50;
    private const END = 0x06054b50;
    /** Bit 3: sizes and checksum follow the entry; bit 11: names are UTF-8. */
    private const FLAGS = 0x0808;
    private const STORED = 0;
    private const PLAIN = 20;
    private const ZIP64 = 45;
    private const MADE_ON_UNIX = 3 << 8;
    private const FULL_32 = 0xFFFFFFFF;
    private const FULL_16 = 0xFFFF;
    private const EXTRA_64 = 0x0001;
    private const FILE_MODE = 0100644 << 16;

    private int $offset = 0;
    private int $entries = 0;
    private string $directory = '';

    /** @param \Closure(string): void $sink */
    public function __construct(private readonly \Closure $sink)
    {
    }

    /**
     * Adds an entry.
     *
     * @param int $size bytes that will come
     * @param \Closure(\Closure(string): void): void $read passes the content piece by piece to what it is given
     * @throws BrokenEntry when other than $size bytes come: what has been written is no ZIP file and must be cut off
     */
    public function add(string $name, int $size, \DateTimeImmutable $time, \Closure $read): void
    {
        $begin = $this->offset;
        [$clock, $day] = self::dosTime($time);
        $isLarge = $size >= self::FULL_32;
        $version = $isLarge ? self::ZIP64 : self::PLAIN;
        $extra = $isLarge ? pack('vvPP', self::EXTRA_64, 16, 0, 0) : '';
        $held = $isLarge ? self::FULL_32 : 0;
        $this->write(
            pack('VvvvvvVVVvv', self::LOCAL, $version, self::FLAGS, self::STORED, $clock, $day, 0, $held, $held, strlen($name), strlen($extra)) . $name . $extra
        );
        $crc = $this->copy($name, $size, $read);
        $this->write(pack($isLarge ? 'VVPP' : 'VVVV', self::DESCRIPTOR, $crc, $size, $size));
        $this->list($name, $size, $crc, $begin, [$clock, $day]);
    }

    /** Ends the file with its table of contents. */
    public function finish(): void
    {
        $begin = $this->offset;
        $length = strlen($this->directory);
        $this->write($this->directory);
        if (self::needs64($begin, $length, $this->entries)) {
            $at = $this->offset;
            $made = self::MADE_ON_UNIX | self::ZIP64;
            $this->write(
                pack('VPvvVVPPPP', self::END_64, 44, $made, self::ZIP64, 0, 0, $this->entries, $this->entries, $length, $begin)
                . pack('VVPV', self::LOCATOR_64, 0, $at, 1)
            );
        }
        $entries = min($this->entries, self::FULL_16);
        $this->write(pack('VvvvvVVv', self::END, 0, 0, $entries, $entries, min($length, self::FULL_32), min($begin, self::FULL_32), 0));
    }

    /**
     * @param list<array{string, int}> $entries name and size of each
     * @return int bytes of the whole ZIP file
     */
    public static function size(array $entries): int
    {
        $files = $directory = 0;
        foreach ($entries as [$name, $size]) {
            $isLarge = $size >= self::FULL_32;
            $isFar = $files >= self::FULL_32;
            $files += 30 + strlen($name) + ($isLarge ? 20 : 0) + $size + ($isLarge ? 24 : 16);
            $values = ($isLarge ? 16 : 0) + ($isFar ? 8 : 0);
            $directory += 46 + strlen($name) + ($values > 0 ? 4 + $values : 0);
        }

        return $files + $directory + (self::needs64($files, $directory, count($entries)) ? 76 : 0) + 22;
    }

    /** @return int CRC-32 of what came */
    private function copy(string $name, int $size, \Closure $read): int
    {
        $crc = hash_init('crc32b');
        $seen = 0;
        $read(function (string $piece) use ($crc, &$seen, $size, $name): void {
            $seen += strlen($piece);
            if ($seen > $size) {
                throw BrokenEntry::of($name, $size, $seen);
            }
            hash_update($crc, $piece);
            $this->write($piece);
        });
        if ($seen !== $size) {
            throw BrokenEntry::of($name, $size, $seen);
        }

        return (int) hexdec(hash_final($crc));
    }

    /** @param array{int, int} $dosTime */
    private function list(string $name, int $size, int $crc, int $begin, array $dosTime): void
    {
        $isLarge = $size >= self::FULL_32;
        $isFar = $begin >= self::FULL_32;
        $values = ($isLarge ? pack('PP', $size, $size) : '') . ($isFar ? pack('P', $begin) : '');
        $extra = $values === '' ? '' : pack('vv', self::EXTRA_64, strlen($values)) . $values;
        $version = $extra === '' ? self::PLAIN : self::ZIP64;
        $held = $isLarge ? self::FULL_32 : $size;
        $this->directory .= pack('VvvvvvvVVV', self::CENTRAL, self::MADE_ON_UNIX | $version, $version, self::FLAGS, self::STORED, ...[...$dosTime, $crc, $held, $held])
            . pack('vvvvvVV', strlen($name), strlen($extra), 0, 0, 0, self::FILE_MODE, $isFar ? self::FULL_32 : $begin)
            . $name . $extra;
        $this->entries++;
    }

    private function write(string $bytes): void
    {
        $this->offset += strlen($bytes);
        ($this->sink)($bytes);
    }

    private static function needs64(int $begin, int $length, int $entries): bool
    {
        return $begin >= self::FULL_32 || $length >= self::FULL_32 || $entries >= self::FULL_16;
    }

    /** @return array{int, int} time and date as MS-DOS wrote them, in steps of two seconds */
    private static function dosTime(\DateTimeImmutable $time): array
    {
        [$year, $month, $day, $hour, $minute, $second] = array_map('intval', explode(' ', $time->format('Y n j G i s')));

        return [$hour << 11 | $minute << 5 | $second >> 1, max(0, $year - 1980) << 9 | $month << 5 | $day];
    }
}
