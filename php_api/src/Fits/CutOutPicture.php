<?php

declare(strict_types=1);

namespace CrowdSky\Fits;

use CrowdSky\Storage\ObjectStorage;

/**
 * A window of a stored stack as a PNG of 8 bits, the first row on top, as in the thumbnails: each colour from its 1st to
 * its 99.5th percentile, or around its sky by a given span. Pixels that no sub has covered are black.
 */
final class CutOutPicture
{
    /** Pixels of the largest window that is drawn. */
    public const MAX_PIXELS = 1 << 19;
    private const LOW = 0.01;
    private const HIGH = 0.995;

    /**
     * @param int $size of the stack in bytes
     * @param PixelSpans|null $spans from the sky to white; for planes without one, and with null, the percentiles count
     * @return string|null the PNG; null when the file has no colours that hold the window
     * @throws \CrowdSky\Storage\ObjectMissing
     * @throws \CrowdSky\Storage\StorageUnavailable
     */
    public static function ofStored(ObjectStorage $storage, string $path, int $size, PixelWindow $window, ?PixelSpans $spans = null): ?string
    {
        $planes = ColourPlanes::holding($storage, $path, $size, $window);
        if ($planes === null) {
            return null;
        }
        $scaled = [];
        foreach ($planes as $name => $plane) {
            $scaled[] = self::scaled($storage, $path, $plane, $window, $spans?->of($name));
        }

        return PngImage::of($scaled, $window->width, $window->height);
    }

    /** @return string one byte for each pixel, row by row */
    private static function scaled(ObjectStorage $storage, string $path, StoredHeader $plane, PixelWindow $window, ?float $span): string
    {
        $sample = PixelValues::sample($storage, $path, $plane, $window);
        $sky = $sample->quantile(0.5);
        [$low, $high] = $span === null
            ? [$sample->quantile(self::LOW), $sample->quantile(self::HIGH)]
            : [$sky - PixelSpans::BELOW_SKY * $span, $sky + $span];
        $scale = $high > $low ? 255.0 / ($high - $low) : 0.0;
        $bytes = '';
        $window->rows($storage, $path, $plane, static function (string $row) use (&$bytes, $plane, $low, $scale): void {
            foreach (PixelValues::ofRow($plane, $row) as $value) {
                $bytes .= PixelValues::isCovered($value) ? chr((int) max(0.0, min(255.0, ($value - $low) * $scale))) : "\0";
            }
        });

        return $bytes;
    }
}
