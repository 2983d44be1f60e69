<?php

declare(strict_types=1);

namespace CrowdSky\Fits;

/** The pixel format a header promises: one two-dimensional, uncompressed image. */
final class ImageShape
{
    public const COMPRESSED = 'The image is tile-compressed (fpack). Unpack it with funpack and upload the result.';

    private const BITPIX = [8, 16, 32, 64, -32, -64];
    private const MAX_AXIS = 20000;

    private function __construct(
        public readonly int $width,
        public readonly int $height,
        public readonly int $bitpix,
    ) {
    }

    /** @throws FrameRefused when the header describes anything but a raw sub */
    public static function of(HeaderCards $cards): self
    {
        if ($cards->logical('ZIMAGE') === true) {
            throw FrameRefused::compressed(self::COMPRESSED);
        }
        $bitpix = $cards->integer('BITPIX');
        if (!in_array($bitpix, self::BITPIX, true)) {
            throw FrameRefused::badHeader(
                'The FITS header has no valid BITPIX (8, 16, 32, 64, -32 or -64).'
            );
        }
        self::requireTwoAxes($cards);

        return new self(self::axis($cards, 'NAXIS1'), self::axis($cards, 'NAXIS2'), $bitpix);
    }

    /**
     * Checks the size of the file's data part against the header; the last block may lack its padding.
     *
     * @throws FrameRefused when data are missing or something follows them
     */
    public function requireBytes(int $dataBytes, int $blockBytes): void
    {
        $promised = $this->width * $this->height * intdiv(abs($this->bitpix), 8);
        if ($dataBytes < $promised) {
            throw FrameRefused::sizeMismatch(sprintf(
                'The header promises %d x %d pixels (%d bytes) but only %d bytes follow it.'
                . ' The file is cut off; copy it from the telescope again.',
                $this->width,
                $this->height,
                $promised,
                $dataBytes
            ));
        }
        if ($dataBytes > intdiv($promised + $blockBytes - 1, $blockBytes) * $blockBytes) {
            throw FrameRefused::sizeMismatch(sprintf(
                'The header promises %d x %d pixels (%d bytes) but %d bytes follow it.'
                . ' Upload the single-image file the telescope wrote.',
                $this->width,
                $this->height,
                $promised,
                $dataBytes
            ));
        }
    }

    private static function requireTwoAxes(HeaderCards $cards): void
    {
        $axes = $cards->integer('NAXIS');
        if ($axes === null || $axes < 0) {
            throw FrameRefused::badHeader('The FITS header has no valid NAXIS.');
        }
        if ($axes === 0) {
            throw FrameRefused::notARawSub(
                'The file holds no image in its first part. Upload the raw subs the telescope wrote.'
            );
        }
        if ($axes !== 2) {
            throw FrameRefused::notARawSub(sprintf(
                'The image has %d axes: this is a finished colour stack, not a raw sub.'
                . ' Upload the single "Light_..." frames; CrowdSky stacks them itself.',
                $axes
            ));
        }
    }

    private static function axis(HeaderCards $cards, string $keyword): int
    {
        $pixels = $cards->integer($keyword);
        if ($pixels === null || $pixels < 1) {
            throw FrameRefused::badHeader("The FITS header has no valid {$keyword}.");
        }
        if ($pixels > self::MAX_AXIS) {
            throw FrameRefused::badHeader(sprintf(
                'The header claims %s = %d pixels; at most %d are accepted.',
                $keyword,
                $pixels,
                self::MAX_AXIS
            ));
        }

        return $pixels;
    }
}
