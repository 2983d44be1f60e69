<?php

declare(strict_types=1);

namespace CrowdSky\Tests\Fits;

/** Small stacks for tests: parts as workers write them, each of which can be replaced by a flawed one. */
final class StackFile
{
    /** @param array<string, string> $changes cards of the primary header, keyword => value field */
    public static function primary(array $changes = []): string
    {
        return self::header(array_replace([
            'SIMPLE' => 'T',
            'BITPIX' => '8',
            'NAXIS' => '0',
            'EXTEND' => 'T',
            'OBJECT' => "'it''s M 94'",
            'NIMAGES' => '2',
            'EXPTIME' => '20.0',
        ], $changes));
    }

    /**
     * @param list<float|int> $pixels repeated as often as needed
     * @param array<string, string> $changes cards of its header, keyword => value field
     */
    public static function image(string $name, int $width, int $height, array $pixels = [1000.5, 1001.5, 998.25], array $changes = []): string
    {
        $cards = array_replace([
            'XTENSION' => "'IMAGE   '",
            'BITPIX' => '-32',
            'NAXIS' => '2',
            'NAXIS1' => (string) $width,
            'NAXIS2' => (string) $height,
            'PCOUNT' => '0',
            'GCOUNT' => '1',
            'EXTNAME' => "'$name'",
        ], $changes);
        $letter = ['-32' => 'G', '-64' => 'E', '32' => 'N', '16' => 'n', '8' => 'C'][$cards['BITPIX']];
        $data = '';
        for ($pixel = 0; $pixel < $width * $height; $pixel++) {
            $data .= pack($letter, $pixels[$pixel % count($pixels)]);
        }
        return self::header($cards) . FitsFile::padded($data, "\0");
    }

    public static function planes(int $width = 10, int $height = 7): string
    {
        return self::image('RED', $width, $height) . self::image('Green', $width, $height) . self::image('BLUE', $width, $height);
    }

    /** @param array<string, string> $values */
    public static function header(array $values): string
    {
        $text = static fn (string $value): string => str_starts_with($value, "'") ? $value : str_pad($value, 20, ' ', STR_PAD_LEFT);
        return FitsFile::header(array_map($text, $values));
    }
}
