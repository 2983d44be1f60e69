<?php

declare(strict_types=1);

namespace CrowdSky\Fits;

use CrowdSky\Storage\ObjectStorage;

/**
 * A window of a stored stack as a FITS file of its own: every picture of the stack with the same rectangle of pixels, and
 * public cards only. Tables are left out: they are about the whole picture.
 *
 * The coordinate system is that of the stack, moved: CRPIX counts from the window, and LTV1 and LTV2 tell by how much.
 */
final class CutOut
{
    private const PICTURES = ['RED', 'GREEN', 'BLUE', 'LUM', 'FOOTPRINT', 'VARIANCE', 'VARIANCE_R', 'VARIANCE_G', 'VARIANCE_B', 'REJECTED'];
    /** Cards of the coordinate system, which a picture gets from the primary header if it has none. */
    private const OF_SKY = '/^(CTYPE[12]|CRVAL[12]|CRPIX[12]|CUNIT[12]|CD[12]_[12]|PC[12]_[12]|CDELT[12]|WCSAXES|RADESYS|EQUINOX|LONPOLE|LATPOLE|[AB]P?_(ORDER|\d_\d)) *=/';

    /** @var list<array{string, StoredHeader|null}> header, and the picture whose window follows */
    private array $parts = [];
    private int $size = 0;

    private function __construct(
        private readonly ObjectStorage $storage,
        private readonly string $path,
        private readonly PixelWindow $window,
    ) {
    }

    /**
     * @param int $size of the stack in bytes
     * @return self|null null when the file has no picture that holds the window
     * @throws \CrowdSky\Storage\ObjectMissing
     * @throws \CrowdSky\Storage\StorageUnavailable
     */
    public static function ofStored(ObjectStorage $storage, string $path, int $size, PixelWindow $window): ?self
    {
        $cut = new self($storage, $path, $window);
        $sky = [];
        foreach (StoredHeader::each($storage, $path, $size) as $part => $header) {
            $cards = self::publicCards($header->cards);
            if ($part === 0) {
                $sky = array_values(preg_grep(self::OF_SKY, $cards) ?: []);
                $cut->add($cards, null);
            } elseif (in_array($header->hdu->name(), self::PICTURES, true) && $cut->holds($header)) {
                $cut->add(preg_grep('/^CTYPE1 *=/', $cards) === [] ? [...$cards, ...$sky] : $cards, $header);
            }
        }

        return count($cut->parts) > 1 ? $cut : null;
    }

    /** Length in bytes. */
    public function size(): int
    {
        return $this->size;
    }

    /**
     * Passes on that many bytes from that offset, piece by piece.
     *
     * @param callable(string): mixed $sink
     * @throws \CrowdSky\Storage\ObjectMissing
     * @throws \CrowdSky\Storage\StorageUnavailable
     */
    public function read(int $offset, int $length, callable $sink): void
    {
        $at = 0;
        $pass = static function (string $bytes) use (&$at, $offset, $length, $sink): void {
            $from = max(0, $offset - $at);
            $to = min(strlen($bytes), $offset + $length - $at);
            $at += strlen($bytes);
            if ($from < $to) {
                $sink(substr($bytes, $from, $to - $from));
            }
        };
        foreach ($this->parts as [$header, $picture]) {
            $pass($header);
            if ($picture !== null) {
                $this->window->rows($this->storage, $this->path, $picture, $pass);
                $bytes = $this->bytesOf($picture);
                $pass(str_repeat("\0", StoredHeader::padded($bytes) - $bytes));
            }
        }
    }

    private function holds(StoredHeader $header): bool
    {
        [$width, $height] = [...$header->hdu->axes(), 0, 0];

        return $header->hdu->isImage() && count($header->hdu->axes()) === 2
            && $this->window->x + $this->window->width <= $width && $this->window->y + $this->window->height <= $height;
    }

    private function bytesOf(StoredHeader $picture): int
    {
        return intdiv(abs($picture->hdu->bitpix()), 8) * $this->window->width * $this->window->height;
    }

    /** @param list<string> $cards */
    private function add(array $cards, ?StoredHeader $picture): void
    {
        $moved = array_map($this->moved(...), $cards);
        foreach ([1 => $this->window->x, 2 => $this->window->y] as $axis => $shift) {
            $moved[] = str_pad(sprintf('LTV%d    = %20d', $axis, -$shift), StoredHeader::CARD);
        }
        $text = implode('', $moved) . str_pad('END', StoredHeader::CARD);
        $header = str_pad($text, StoredHeader::padded(strlen($text)));
        $this->parts[] = [$header, $picture];
        $this->size += strlen($header) + ($picture === null ? 0 : StoredHeader::padded($this->bytesOf($picture)));
    }

    /** A card as it is right for the window. */
    private function moved(string $card): string
    {
        if (preg_match('/^(NAXIS|CRPIX)([12]) *= *([-+0-9.EDed]+)/', $card, $match) !== 1) {
            return $card;
        }
        [, $keyword, $axis, $value] = $match;
        $isFirst = $axis === '1';
        $number = $keyword === 'NAXIS'
            ? (string) ($isFirst ? $this->window->width : $this->window->height)
            : sprintf('%.10F', (float) strtr($value, 'Dd', 'EE') - ($isFirst ? $this->window->x : $this->window->y));

        return str_pad(sprintf('%-8s= %20s', "$keyword$axis", $number), StoredHeader::CARD);
    }

    /**
     * @param list<string> $cards
     * @return list<string>
     */
    private static function publicCards(array $cards): array
    {
        $clean = array_map(PublicHeader::clean(...), $cards);

        return array_values(array_filter($clean, static fn (string $card): bool => trim($card) !== ''));
    }
}
