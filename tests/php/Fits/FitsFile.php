<?php

declare(strict_types=1);

namespace CrowdSky\Tests\Fits;

/** Small FITS files for tests: a valid 64 x 64 sub whose cards can be replaced, added or removed. */
final class FitsFile
{
    private const CARDS = [
        'SIMPLE' => '                   T',
        'BITPIX' => '                  16',
        'NAXIS' => '                   2',
        'NAXIS1' => '                  64',
        'NAXIS2' => '                  64',
        'EXPTIME' => '                 10.',
        'RA' => '           193.04166',
        'DEC' => '           40.970556',
        'DATE-OBS' => "'2025-03-27T01:20:32.955368'",
        'FILTER' => "'IRCUT   '",
        'INSTRUME' => "'Seestar S50'",
        'BAYERPAT' => "'GRBG    '",
        'GAIN' => '                  80',
        'TELESCOP' => "'S50_1d3fe189'",
        'OBJECT' => "'M 94    '",
    ];

    /**
     * @param array<string, string|null> $changes keyword => value field, null to leave the card out
     */
    public static function bytes(array $changes = [], ?int $dataBytes = null): string
    {
        return self::header(array_filter(array_merge(self::CARDS, $changes), fn ($value) => $value !== null))
            . self::padded(str_repeat("\x01\x02", intdiv($dataBytes ?? 8192, 2)), "\0");
    }

    /** @param array<string, string> $cards keyword => value field */
    public static function header(array $cards): string
    {
        $text = '';
        foreach ($cards as $keyword => $value) {
            $text .= str_pad(sprintf('%-8s= %s', $keyword, $value), 80);
        }

        return self::padded($text . str_pad('END', 80), ' ');
    }

    public static function padded(string $bytes, string $filler): string
    {
        return str_pad($bytes, intdiv(strlen($bytes) + 2879, 2880) * 2880, $filler);
    }
}
