<?php

declare(strict_types=1);

namespace CrowdSky\Fits;

use CrowdSky\Storage\ObjectStorage;

/**
 * A window of a stored stack as a PNG of 8 bits: each colour from its 1st to its 99.5th percentile, the first row on top,
 * as in the thumbnails. Pixels that no sub has covered are black.
 */
final class CutOutPicture
{
    /** Pixels of the largest window that is drawn. */
    public const MAX_PIXELS = 1 << 19;
    private const COLOURS = ['RED', 'GREEN', 'BLUE'];
    private const LUMINANCE = 'LUM';
    private const CODES = [8 => 'C*', 16 => 'n*', 32 => 'N*', -32 => 'G*', -64 => 'E*'];
    /** Pixels from which the stretch is taken. */
    private const SAMPLES = 40_000;
    private const LOW = 0.01;
    private const HIGH = 0.995;
    /** What unsigned numbers of 16 bits are stored with added to them. */
    private const SIGN_BIT = 0x8000;

    /**
     * @param int $size of the stack in bytes
     * @return string|null the PNG; null when the file has no colours that hold the window
     * @throws \CrowdSky\Storage\ObjectMissing
     * @throws \CrowdSky\Storage\StorageUnavailable
     */
    public static function ofStored(ObjectStorage $storage, string $path, int $size, PixelWindow $window): ?string
    {
        $planes = [];
        foreach (StoredHeader::each($storage, $path, $size) as $header) {
            $name = $header->hdu->name();
            $isColour = $name === self::LUMINANCE || in_array($name, self::COLOURS, true);
            [$width, $height] = [...$header->hdu->axes(), 0, 0];
            if ($isColour && isset(self::CODES[$header->hdu->bitpix()]) && $width >= $window->x + $window->width && $height >= $window->y + $window->height) {
                $planes[$name] ??= self::scaled($storage, $path, $header, $window);
            }
        }
        $names = isset($planes[self::LUMINANCE]) ? [self::LUMINANCE] : self::COLOURS;
        $chosen = array_values(array_filter(array_map(static fn (string $name): ?string => $planes[$name] ?? null, $names), is_string(...)));

        return count($chosen) === count($names) ? PngImage::of($chosen, $window->width, $window->height) : null;
    }

    /** @return string one byte for each pixel, row by row */
    private static function scaled(ObjectStorage $storage, string $path, StoredHeader $plane, PixelWindow $window): string
    {
        $step = max(1, intdiv($window->width * $window->height, self::SAMPLES));
        $samples = [];
        $window->rows($storage, $path, $plane, static function (string $row) use (&$samples, $plane, $step): void {
            $values = self::values($plane, $row);
            for ($at = count($samples) % $step; $at < count($values); $at += $step) {
                $samples[] = $values[$at];
            }
        });
        $samples = array_values(array_filter($samples, static fn (int|float $value): bool => is_finite($value) && $value != 0));
        sort($samples);
        $count = count($samples);
        $low = $count === 0 ? 0.0 : $samples[(int) (self::LOW * ($count - 1))];
        $high = $count === 0 ? 0.0 : $samples[(int) (self::HIGH * ($count - 1))];
        $scale = $high > $low ? 255.0 / ($high - $low) : 0.0;
        $bytes = '';
        $window->rows($storage, $path, $plane, static function (string $row) use (&$bytes, $plane, $low, $scale): void {
            foreach (self::values($plane, $row) as $value) {
                $bytes .= is_finite($value) && $value != 0 ? chr((int) max(0.0, min(255.0, ($value - $low) * $scale))) : "\0";
            }
        });

        return $bytes;
    }

    /** @return list<int|float> */
    private static function values(StoredHeader $plane, string $row): array
    {
        $bitpix = $plane->hdu->bitpix();
        $values = array_values(unpack(self::CODES[$bitpix], $row) ?: []);

        // Stored is the value less 32768, as a signed number.
        return $bitpix === 16 ? array_map(static fn (int $value): int => $value ^ self::SIGN_BIT, $values) : $values;
    }
}
