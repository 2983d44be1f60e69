<?php

declare(strict_types=1);

namespace CrowdSky\Fits;

/** The pixel format a header promises: one two-dimensional, uncompressed image. */
final class ImageShape
{
    public const COMPRESSED = 'The image is tile-compressed (fpack). Unpack it with funpack and upload the result.';

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
        $known = CardTable::facts()->bitpix;
        if (!in_array($bitpix, $known, true)) {
            throw FrameRefused::badHeader(
                'The FITS header has no BITPIX that can be stacked (' . implode(', ', $known) . ').'
            );
        }
        self::requireTwoAxes($cards);
        self::requireScale($cards);
        [$width, $height] = [self::axis($cards, 'NAXIS1'), self::axis($cards, 'NAXIS2')];
        self::requireSides($width, $height);

        return new self($width, $height, $bitpix);
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

        return $pixels;
    }

    private static function requireSides(int $width, int $height): void
    {
        $facts = CardTable::facts();
        if (min($width, $height) < $facts->minSidePx || $width > intdiv($facts->maxPx, $height)) {
            throw FrameRefused::badHeader(sprintf(
                'The header claims %d x %d pixels; frames have at least %d pixels a side and at most %d in all.',
                $width,
                $height,
                $facts->minSidePx,
                $facts->maxPx
            ));
        }
    }

    /** BZERO and BSCALE decide the values of the pixels; without the number these are not known. */
    private static function requireScale(HeaderCards $cards): void
    {
        foreach (['BZERO', 'BSCALE'] as $keyword) {
            if ($cards->isNoNumber($keyword)) {
                throw FrameRefused::badHeader(
                    "{$keyword} in the FITS header is no number, so that the values of the pixels are not known."
                    . " Write {$keyword} as a number without quotes."
                );
            }
        }
    }
}
