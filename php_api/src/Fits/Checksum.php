<?php

declare(strict_types=1);

namespace CrowdSky\Fits;

/**
 * The sum of the FITS convention for DATASUM and CHECKSUM: 32-bit words, most significant byte first, added with the
 * carry added at the low end (FITS standard 4.0, appendix J).
 */
final class Checksum
{
    public const MINUS_ZERO = 0xFFFFFFFF;

    /**
     * @param int $sum so far
     * @param string $words a multiple of 4 bytes; as PHP keeps 16 bytes for each word, give it small pieces
     */
    public static function add(int $sum, string $words): int
    {
        return self::fold($sum + array_sum(unpack('N*', $words) ?: []));
    }

    public static function fold(int $sum): int
    {
        while ($sum >> 32 !== 0) {
            $sum = ($sum & 0xFFFFFFFF) + ($sum >> 32);
        }
        return $sum;
    }

    /** A 32-bit number as the 16 characters of the convention: only digits and letters. */
    public static function encoded(int $number): string
    {
        $letters = str_repeat('0', 16);
        foreach (array_values((array) unpack('C4', pack('N', $number))) as $place => $byte) {
            $four = array_fill(0, 4, intdiv($byte, 4) + 48);
            $four[0] += $byte % 4;
            foreach ([0, 2] as $low) {
                // Whatever one of a pair gains the other gives, so that the sum stays.
                while (!ctype_alnum(chr($four[$low]) . chr($four[$low + 1]))) {
                    $four[$low]++;
                    $four[$low + 1]--;
                }
            }
            foreach ($four as $index => $one) {
                $letters[4 * $index + $place] = chr($one);
            }
        }
        return $letters[15] . substr($letters, 0, 15);
    }
}
