<?php

declare(strict_types=1);

namespace CrowdSky\Pages\Plot;

/**
 * A text as QR code (ISO/IEC 18004, bytes, error correction M, up to version 10), and its picture.
 */
final class QrCode
{
    /** Error correction codewords of a block, and the data codewords of each block; by version. */
    private const BLOCKS = [
        1 => [10, [16]],
        2 => [16, [28]],
        3 => [26, [44]],
        4 => [18, [32, 32]],
        5 => [24, [43, 43]],
        6 => [16, [27, 27, 27, 27]],
        7 => [18, [31, 31, 31, 31]],
        8 => [22, [38, 38, 39, 39]],
        9 => [22, [36, 36, 36, 37, 37]],
        10 => [26, [43, 43, 43, 43, 44]],
    ];
    /** Modules of light around the code. */
    private const MARGIN = 4;

    /** @throws \LengthException when the text is too long */
    public static function svg(string $text, string $label): string
    {
        $modules = self::modules($text);
        $size = count($modules) + 2 * self::MARGIN;
        $path = '';
        foreach ($modules as $y => $row) {
            foreach ($row as $x => $isDark) {
                $path .= $isDark ? 'M' . ($x + self::MARGIN) . ' ' . ($y + self::MARGIN) . 'h1v1h-1z' : '';
            }
        }
        $title = htmlspecialchars($label, ENT_QUOTES | ENT_SUBSTITUTE);

        return "<svg class=\"qr\" viewBox=\"0 0 $size $size\" width=\"232\" height=\"232\" role=\"img\" aria-label=\"$title\""
            . " shape-rendering=\"crispEdges\"><rect width=\"$size\" height=\"$size\"/><path d=\"$path\"/></svg>";
    }

    /** @return list<list<bool>> rows of modules, true is dark */
    public static function modules(string $text): array
    {
        $version = self::version(strlen($text));
        $codewords = self::withCorrection(self::data($text, $version), $version);
        $best = null;
        foreach (range(0, 7) as $mask) {
            $grid = QrGrid::draw($version, $codewords, $mask);
            $penalty = $grid->penalty();
            if ($best === null || $penalty < $best[0]) {
                $best = [$penalty, $grid];
            }
        }

        return $best[1]->modules();
    }

    private static function version(int $bytes): int
    {
        foreach (self::BLOCKS as $version => [, $blocks]) {
            if ($bytes + ($version < 10 ? 2 : 3) <= array_sum($blocks)) {
                return $version;
            }
        }
        throw new \LengthException("$bytes bytes do not fit into a QR code of version 10");
    }

    /** @return list<int> codewords of data */
    private static function data(string $text, int $version): array
    {
        $bits = '0100' . sprintf($version < 10 ? '%08b' : '%016b', strlen($text));
        foreach (str_split($text) as $byte) {
            $bits .= sprintf('%08b', ord($byte));
        }
        $room = 8 * array_sum(self::BLOCKS[$version][1]);
        $bits .= str_repeat('0', min(4, $room - strlen($bits)));
        $bits .= str_repeat('0', (8 - strlen($bits) % 8) % 8);
        $codewords = array_map(static fn (string $byte): int => (int) bindec($byte), str_split($bits, 8));
        for ($pad = 0xec; count($codewords) < $room / 8; $pad ^= 0xec ^ 0x11) {
            $codewords[] = $pad;
        }

        return $codewords;
    }

    /**
     * @param list<int> $data
     * @return list<int> the blocks' codewords and their corrections, interleaved
     */
    private static function withCorrection(array $data, int $version): array
    {
        [$count, $lengths] = self::BLOCKS[$version];
        $blocks = $corrections = [];
        foreach ($lengths as $length) {
            $blocks[] = array_splice($data, 0, $length);
            $corrections[] = self::correction(end($blocks), $count);
        }
        $codewords = [];
        foreach ([$blocks, $corrections] as $parts) {
            for ($i = 0; $i < max(array_map(count(...), $parts)); $i++) {
                foreach ($parts as $part) {
                    if (isset($part[$i])) {
                        $codewords[] = $part[$i];
                    }
                }
            }
        }

        return $codewords;
    }

    /**
     * Remainder of a block by the generator polynomial, over GF(256) with 0x11d (Reed-Solomon).
     *
     * @param list<int> $block
     * @return list<int>
     */
    private static function correction(array $block, int $count): array
    {
        $generator = [1];
        for ($i = 0, $root = 1; $i < $count; $i++, $root = self::times($root, 2)) {
            $next = [...$generator, 0];
            foreach ($generator as $place => $factor) {
                $next[$place + 1] ^= self::times($factor, $root);
            }
            $generator = $next;
        }
        $rest = [...$block, ...array_fill(0, $count, 0)];
        for ($i = 0; $i < count($block); $i++) {
            $lead = $rest[$i];
            foreach ($generator as $place => $factor) {
                $rest[$i + $place] ^= self::times($factor, $lead);
            }
        }

        return array_slice($rest, count($block));
    }

    private static function times(int $a, int $b): int
    {
        $product = 0;
        for (; $b > 0; $b >>= 1) {
            $product ^= $b & 1 ? $a : 0;
            $a = $a << 1 ^ ($a & 0x80 ? 0x11d : 0);
        }

        return $product;
    }
}
