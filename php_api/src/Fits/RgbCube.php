<?php

declare(strict_types=1);

namespace CrowdSky\Fits;

use CrowdSky\Storage\ObjectStorage;

/**
 * A stack as one FITS image of three colours, for programs such as Siril that do not open its planes.
 *
 * The pixels are those of RED, GREEN and BLUE, byte by byte, or three times those of LUM; the header is the primary one of the stack with the shape of
 * the cube. Nothing is stored: any part of the file is put together from parts of the stack, in constant memory. The
 * worker writes the same bytes (crowdsky/stacking/product/cube.py).
 */
final class RgbCube
{
    private const COLOURS = ['RED', 'GREEN', 'BLUE'];
    private const LUMINANCE = 'LUM';
    /** Cards of the primary header that would be wrong in the cube; its own or those of a plane take their place. */
    private const DROPPED = '/^(SIMPLE|BITPIX|NAXIS\d*|EXTEND|BZERO|BSCALE|BUNIT|CHECKSUM|DATASUM|CTYPE3) *=|^ {80}$/';
    /** Cards of a plane that say what its numbers mean; they must be alike in all three. */
    private const OF_PIXELS = ['BZERO', 'BSCALE', 'BUNIT'];

    /** @param list<array{int, int}> $planes offset and length in the stack */
    private function __construct(
        private readonly string $header,
        private readonly array $planes,
    ) {
    }

    /**
     * @param int $size of the stack in bytes
     * @return self|null null when the stack has no three planes of one kind
     * @throws \CrowdSky\Storage\ObjectMissing
     * @throws \CrowdSky\Storage\StorageUnavailable
     */
    public static function ofStored(ObjectStorage $storage, string $path, int $size): ?self
    {
        $primary = null;
        $found = [];
        foreach (StoredHeader::each($storage, $path, $size) as $header) {
            $primary ??= $header;
            $name = $header->hdu->name();
            if ($name === self::LUMINANCE || in_array($name, self::COLOURS, true)) {
                $found[$name] ??= $header;
            }
            if (isset($found[self::LUMINANCE]) || count($found) === count(self::COLOURS)) {
                break;
            }
        }
        $names = isset($found[self::LUMINANCE]) ? array_fill(0, 3, self::LUMINANCE) : self::COLOURS;
        $planes = array_map(static fn (string $name): ?StoredHeader => $found[$name] ?? null, $names);
        if ($primary === null || in_array(null, $planes, true) || !self::areAlike($planes)) {
            return null;
        }

        return new self(
            self::headerOf($primary, $planes[0]),
            array_map(static fn (StoredHeader $plane): array => [$plane->dataStart, $plane->dataBytes], $planes),
        );
    }

    public function bytes(): int
    {
        return strlen($this->header) + StoredHeader::padded($this->pixelBytes());
    }

    /**
     * Passes on that many bytes of the cube from that offset, piece by piece.
     *
     * @param callable(string): void $sink
     * @throws \CrowdSky\Storage\ObjectMissing
     * @throws \CrowdSky\Storage\StorageUnavailable
     */
    public function read(ObjectStorage $storage, string $path, callable $sink, int $offset, int $length): void
    {
        $stop = $offset + $length;
        $sink(substr($this->header, $offset, $length));
        $start = strlen($this->header);
        foreach ($this->planes as [$at, $bytes]) {
            $first = max($offset, $start);
            $last = min($stop, $start + $bytes);
            if ($first < $last) {
                $storage->read($path, $sink, $at + $first - $start, $last - $first);
            }
            $start += $bytes;
        }
        $sink(str_repeat("\0", max(0, min($stop, $this->bytes()) - max($offset, $start))));
    }

    private function pixelBytes(): int
    {
        return array_sum(array_column($this->planes, 1));
    }

    /** @param list<StoredHeader> $planes */
    private static function areAlike(array $planes): bool
    {
        $codings = array_unique(array_map(static fn (StoredHeader $plane): string => $plane->hdu->coding(), $planes));

        return count($codings) === 1 && count($planes[0]->hdu->axes()) === 2 && $planes[0]->dataBytes > 0;
    }

    private static function headerOf(StoredHeader $primary, StoredHeader $plane): string
    {
        [$width, $height] = $plane->hdu->axes();
        $cards = [
            self::card('SIMPLE', 'T', 'conforms to FITS standard'),
            self::card('BITPIX', (string) $plane->hdu->bitpix(), 'array data type'),
            self::card('NAXIS', '3', 'number of array dimensions'),
            self::card('NAXIS1', (string) $width, 'width'),
            self::card('NAXIS2', (string) $height, 'height'),
            self::card('NAXIS3', '3', 'red, green, blue'),
        ];
        foreach (self::OF_PIXELS as $keyword) {
            foreach ($plane->cards as $card) {
                if (str_starts_with($card, str_pad($keyword, 8) . '= ')) {
                    $cards[] = $card;
                }
            }
        }
        array_push($cards, ...array_filter($primary->cards, static fn (string $card): bool => preg_match(self::DROPPED, $card) === 0));
        $text = implode('', $cards) . str_pad('END', StoredHeader::CARD);

        return str_pad($text, StoredHeader::padded(strlen($text)));
    }

    private static function card(string $keyword, string $value, string $comment): string
    {
        return str_pad(sprintf('%-8s= %20s / %s', $keyword, $value, $comment), StoredHeader::CARD);
    }
}
