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
}
