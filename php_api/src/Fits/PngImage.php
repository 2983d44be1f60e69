<?php

declare(strict_types=1);

namespace CrowdSky\Fits;

/** Writes pictures as PNG (W3C, third edition), without an extension of PHP for pictures. */
final class PngImage
{
    private const SIGNATURE = "\x89PNG\r\n\x1a\n";
    private const GREY = 0;
    private const RGB = 2;
    /** Bytes of a block of data that is not compressed, for a PHP without zlib. */
    private const STORED_BLOCK = 65_535;

    /**
     * @param non-empty-list<string> $planes one of grey, or red, green and blue: a byte for each pixel, the top row first
     * @return string the file
     */
    public static function of(array $planes, int $width, int $height): string
    {
        $lines = '';
        for ($row = 0; $row < $height; $row++) {
            $lines .= "\0" . self::line($planes, $row * $width, $width);
        }
        $kind = count($planes) === 1 ? self::GREY : self::RGB;

        return self::SIGNATURE
            . self::chunk('IHDR', pack('NNCCCCC', $width, $height, 8, $kind, 0, 0, 0))
            . self::chunk('IDAT', self::compressed($lines))
            . self::chunk('IEND', '');
    }

    /** @param non-empty-list<string> $planes */
    private static function line(array $planes, int $start, int $width): string
    {
        if (count($planes) === 1) {
            return substr($planes[0], $start, $width);
        }
        $line = '';
        for ($at = $start; $at < $start + $width; $at++) {
            $line .= $planes[0][$at] . $planes[1][$at] . $planes[2][$at];
        }

        return $line;
    }

    private static function compressed(string $bytes): string
    {
        if (function_exists('gzcompress')) {
            return (string) gzcompress($bytes, 6);
        }
        $stream = "\x78\x01";
        $blocks = str_split($bytes, self::STORED_BLOCK);
        foreach ($blocks as $number => $block) {
            $stream .= pack('Cvv', $number === count($blocks) - 1 ? 1 : 0, strlen($block), ~strlen($block) & 0xFFFF) . $block;
        }

        return $stream . hash('adler32', $bytes, true);
    }

    private static function chunk(string $type, string $data): string
    {
        return pack('N', strlen($data)) . $type . $data . pack('N', crc32($type . $data));
    }
}
