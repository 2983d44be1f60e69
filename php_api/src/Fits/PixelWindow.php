<?php

declare(strict_types=1);

namespace CrowdSky\Fits;

use CrowdSky\Storage\ObjectStorage;

/** A rectangle of the pixels of a stored picture, read row by row in memory that does not grow with the picture. */
final class PixelWindow
{
    /** @param int $x first column; the first one is 0, and likewise for rows */
    public function __construct(
        public readonly int $x,
        public readonly int $y,
        public readonly int $width,
        public readonly int $height,
    ) {
    }

    /**
     * The part of a square around a place that lies in a picture.
     *
     * @param float $x of the middle, in pixels; the centre of the first one is 0
     * @param float $side in pixels
     * @return self|null null when nothing of it does
     */
    public static function around(float $x, float $y, float $side, int $width, int $height): ?self
    {
        $first = static fn (float $middle): int => (int) max(0.0, round($middle - ($side - 1.0) / 2.0));
        $end = static fn (float $middle, int $length): int => (int) min((float) $length, round($middle - ($side - 1.0) / 2.0) + max(1.0, round($side)));
        [$left, $right] = [$first($x), $end($x, $width)];
        [$bottom, $top] = [$first($y), $end($y, $height)];

        return $left < $right && $bottom < $top ? new self($left, $bottom, $right - $left, $top - $bottom) : null;
    }

    /**
     * Passes on the stored bytes of the window, one row at a time, from the first one.
     *
     * @param StoredHeader $plane of the file, an image with at least two axes; of a third one the first plane is read
     * @param callable(string): void $sink
     * @throws \CrowdSky\Storage\ObjectMissing
     * @throws \CrowdSky\Storage\StorageUnavailable
     */
    public function rows(ObjectStorage $storage, string $path, StoredHeader $plane, callable $sink): void
    {
        $pixel = intdiv(abs($plane->hdu->bitpix()), 8);
        $row = $plane->hdu->axes()[0] * $pixel;
        $held = '';
        $take = function (string $piece) use (&$held, $row, $pixel, $sink): void {
            $held .= $piece;
            for ($at = 0; $at + $row <= strlen($held); $at += $row) {
                $sink(substr($held, $at + $this->x * $pixel, $this->width * $pixel));
            }
            $held = substr($held, $at);
        };
        $storage->read($path, $take, $plane->dataStart + $this->y * $row, $this->height * $row);
    }
}
