<?php

declare(strict_types=1);

namespace CrowdSky\Hips;

/**
 * Writes a PNG of small pictures side by side. It needs no image library: a PNG is its rows, deflated.
 */
final class AllskyPng
{
    public const SMALL_PX = 64;
    public const SMALL_BYTES = 4 * self::SMALL_PX * self::SMALL_PX;
    /** Pictures in a row of Allsky of order 3: the root of their number. */
    private const ACROSS = 27;
    private const ALL = 768;

    /**
     * @param callable(int): ?string $small the picture of a cell, SMALL_PX rows of four bytes a pixel; null for none
     */
    public static function of(callable $small): string
    {
        $stream = deflate_init(ZLIB_ENCODING_DEFLATE, ['level' => 6]);
        if ($stream === false) {
            throw new \RuntimeException('PHP cannot deflate; enable its extension zlib');
        }
        $nothing = str_repeat("\0", self::SMALL_BYTES);
        $down = (int) ceil(self::ALL / self::ACROSS);
        $data = '';
        for ($row = 0; $row < $down; $row++) {
            $pictures = [];
            for ($column = 0; $column < self::ACROSS; $column++) {
                $cell = $row * self::ACROSS + $column;
                $pictures[] = $cell < self::ALL ? $small($cell) ?? $nothing : $nothing;
            }
            for ($line = 0; $line < self::SMALL_PX; $line++) {
                // Each row begins with the number of its filter: none.
                $pixels = "\0";
                foreach ($pictures as $picture) {
                    $pixels .= substr($picture, 4 * self::SMALL_PX * $line, 4 * self::SMALL_PX);
                }
                $data .= deflate_add($stream, $pixels, ZLIB_NO_FLUSH);
            }
        }
        $data .= deflate_add($stream, '', ZLIB_FINISH);
        // 8 bits a channel, red, green, blue and opacity.
        $size = pack('NNC5', self::SMALL_PX * self::ACROSS, self::SMALL_PX * $down, 8, 6, 0, 0, 0);
        return "\x89PNG\r\n\x1a\n" . self::chunk('IHDR', $size) . self::chunk('IDAT', $data) . self::chunk('IEND', '');
    }

    private static function chunk(string $type, string $data): string
    {
        return pack('N', strlen($data)) . $type . $data . pack('N', crc32($type . $data));
    }
}
