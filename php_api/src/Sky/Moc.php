<?php

declare(strict_types=1);

namespace CrowdSky\Sky;

/** A part of the sky as a Multi-Order Coverage map (MOC 1.1): ranges of nested HEALPix pixels of order ORDER. */
final class Moc
{
    /** Its pixels are 1.7 arcmin wide. */
    public const ORDER = 11;
    private const BLOCK = 2880;

    /** @param list<array{int, int}> $ranges first and last pixel, rising, none beside another */
    private function __construct(public readonly array $ranges)
    {
    }

    /** @param list<array{int, int}> $ranges first and last pixel, in any order */
    public static function ofRanges(array $ranges): self
    {
        sort($ranges);
        $joined = [];
        foreach ($ranges as [$first, $last]) {
            $end = count($joined) - 1;
            if ($end >= 0 && $first <= $joined[$end][1] + 1) {
                $joined[$end][1] = max($joined[$end][1], $last);
            } else {
                $joined[] = [$first, $last];
            }
        }
        return new self($joined);
    }

    /**
     * The pixels whose centre an outline holds: as many are too many at its edge as too few.
     */
    public static function ofFootprint(Footprint $footprint): self
    {
        $area = new FootprintArea($footprint);
        return self::ofRanges($area->ranges(self::ORDER));
    }

    public function with(self $other): self
    {
        return self::ofRanges([...$this->ranges, ...$other->ranges]);
    }

    /** The largest cells that it consists of: `{"3": [12], "11": [1, 2]}`; an empty list of its order if there are none. */
    public function toJson(): string
    {
        $cells = [];
        foreach ($this->cells() as [$order, $pixel]) {
            $cells[$order][] = $pixel;
        }
        ksort($cells);
        return json_encode((object) ($cells + [self::ORDER => []]), JSON_THROW_ON_ERROR);
    }

    /** A FITS file with the column UNIQ. */
    public function toFits(): string
    {
        $numbers = array_map(static fn (array $cell): int => 4 ** ($cell[0] + 1) + $cell[1], $this->cells());
        sort($numbers);
        $data = pack('J*', ...$numbers);
        $primary = self::header([self::card('SIMPLE', 'T'), self::card('BITPIX', '8'), self::card('NAXIS', '0'), self::card('EXTEND', 'T')]);
        $table = self::header([
            self::card('XTENSION', "'BINTABLE'"),
            self::card('BITPIX', '8'),
            self::card('NAXIS', '2'),
            self::card('NAXIS1', '8'),
            self::card('NAXIS2', (string) count($numbers)),
            self::card('PCOUNT', '0'),
            self::card('GCOUNT', '1'),
            self::card('TFIELDS', '1'),
            self::card('TTYPE1', "'UNIQ    '"),
            self::card('TFORM1', "'1K      '"),
            self::card('PIXTYPE', "'HEALPIX '"),
            self::card('ORDERING', "'NUNIQ   '"),
            self::card('COORDSYS', "'C       '"),
            self::card('MOCORDER', (string) self::ORDER),
            self::card('MOCTOOL', "'CrowdSky'"),
        ]);
        return $primary . $table . $data . str_repeat("\0", (self::BLOCK - strlen($data) % self::BLOCK) % self::BLOCK);
    }

    /** Its area relative to the whole sky. */
    public function skyFraction(): float
    {
        $count = array_sum(array_map(static fn (array $range): int => $range[1] - $range[0] + 1, $this->ranges));
        return $count / (12 << 2 * self::ORDER);
    }

    /** @return list<array{int, int}> order and pixel of the largest cells */
    private function cells(): array
    {
        $cells = [];
        foreach ($this->ranges as [$first, $last]) {
            while ($first <= $last) {
                $order = self::ORDER;
                $size = 1;
                while ($order > 0 && $first % (4 * $size) === 0 && $first + 4 * $size - 1 <= $last) {
                    $order--;
                    $size *= 4;
                }
                $cells[] = [$order, intdiv($first, $size)];
                $first += $size;
            }
        }
        return $cells;
    }

    private static function card(string $keyword, string $value): string
    {
        $value = str_starts_with($value, "'") ? str_pad($value, 20) : str_pad($value, 20, ' ', STR_PAD_LEFT);
        return str_pad(sprintf('%-8s= %s', $keyword, $value), 80);
    }

    /** @param list<string> $cards */
    private static function header(array $cards): string
    {
        $text = implode('', $cards) . str_pad('END', 80);
        return str_pad($text, (int) ceil(strlen($text) / self::BLOCK) * self::BLOCK);
    }
}
