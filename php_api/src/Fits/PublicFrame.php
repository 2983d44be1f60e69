<?php

declare(strict_types=1);

namespace CrowdSky\Fits;

/**
 * The copy of a raw frame that strangers get: its pixels with cleaned headers.
 *
 * Pixels and length stay. Of extensions only the structure remains, since no worker reads them: their data are zeros.
 * What follows the last part, or a part that cannot be read, is left out.
 */
final class PublicFrame
{
    private const BLOCK_BYTES = 2880;
    private const CARD_BYTES = 80;
    /** No uploaded frame has a longer header, see HeaderReader. */
    private const MAX_BLOCKS = 36;
    private const MAX_PARTS = 64;
    private const PIECE = 256 << 10;

    private readonly PatchedCopy $copy;

    /** @param resource $stream */
    private function __construct(private readonly mixed $stream, private readonly bool $isStack)
    {
        $this->copy = new PatchedCopy();
    }

    /**
     * Reads headers only.
     *
     * @param resource $stream of a file on disk
     * @param bool $isStack whether it is a finished stack, whose light may be in extensions
     */
    public static function of(mixed $stream, bool $isStack = false): self
    {
        $copy = new self($stream, $isStack);
        $size = (int) fstat($stream)['size'];
        for ($part = 0; $part < self::MAX_PARTS && $copy->size() < $size; $part++) {
            if (!$copy->addPart($part === 0, $size)) {
                break;
            }
        }
        if ($copy->copy->isEmpty()) {
            $copy->copy->keep($size);  // no FITS: there are no cards in it
        }
        return $copy;
    }

    /** Length of the copy in bytes. */
    public function size(): int
    {
        return $this->copy->size();
    }

    /** SHA-256 of the copy, hex. */
    public function sha256(): string
    {
        $hash = hash_init('sha256');
        $this->read(0, $this->size(), static fn (string $piece): bool => hash_update($hash, $piece));
        return hash_final($hash);
    }

    /** @param callable(string): mixed $sink gets that many bytes from that offset, in pieces */
    public function read(int $offset, int $length, callable $sink): void
    {
        $this->copy->read($offset, $length, $sink, $this->readFile(...));
    }

    /** @param callable(string): mixed $sink */
    private function readFile(int $from, int $length, callable $sink): void
    {
        fseek($this->stream, $from);
        while ($length > 0) {
            $piece = (string) fread($this->stream, min(self::PIECE, $length));
            if ($piece === '') {
                return;
            }
            $sink($piece);
            $length -= strlen($piece);
        }
    }

    /** @return bool whether another part may follow */
    private function addPart(bool $isPrimary, int $size): bool
    {
        $header = $this->header($isPrimary ? 'SIMPLE  =' : 'XTENSION=');
        if ($header === null) {
            return false;
        }
        $clean = PublicHeader::clean($header);
        $data = $this->dataBytes($clean);
        if (!$isPrimary && ($data === null || !str_starts_with($clean, 'XTENSION='))) {
            return false;
        }
        $this->copy->put($clean, strlen($header));
        $data ??= $size - $this->size();
        $padding = (self::BLOCK_BYTES - $data % self::BLOCK_BYTES) % self::BLOCK_BYTES;
        $there = min($data, $size - $this->size());
        $isPrimary || ($this->isStack && self::isImage($clean)) ? $this->copy->keep($there) : $this->copy->zeros($there);
        $this->copy->zeros(min($padding, $size - $this->size()));
        return true;
    }

    /** Bytes of a header at the present end, to its last block; null when there is none. */
    private function header(string $start): ?string
    {
        fseek($this->stream, $this->size());
        $header = '';
        for ($block = 0; $block < self::MAX_BLOCKS; $block++) {
            $bytes = (string) fread($this->stream, self::BLOCK_BYTES);
            if (strlen($bytes) < self::BLOCK_BYTES || ($block === 0 && !str_starts_with($bytes, $start))) {
                return null;
            }
            $header .= $bytes;
            foreach (str_split($bytes, self::CARD_BYTES) as $card) {
                if (rtrim($card, ' ') === 'END') {
                    return $header;
                }
            }
        }
        return null;
    }

    private static function isImage(string $header): bool
    {
        return preg_match("/^XTENSION= *'IMAGE *'/", $header) === 1;
    }

    /** Bytes of data behind a header, without padding; null when it does not describe them. */
    private function dataBytes(string $header): ?int
    {
        $cards = new HeaderCards();
        array_map($cards->add(...), str_split($header, self::CARD_BYTES));
        $axes = $cards->integer('NAXIS');
        $bits = abs($cards->integer('BITPIX') ?? 0);
        if ($axes === null || $axes < 0 || $axes > 999 || !in_array($bits, [8, 16, 32, 64], true)) {
            return null;
        }
        $elements = $axes === 0 ? 0.0 : 1.0;
        for ($axis = 1; $axis <= $axes; $axis++) {
            $elements *= $cards->integer("NAXIS$axis") ?? -1;
        }
        $bytes = $bits / 8 * ($cards->integer('GCOUNT') ?? 1) * ($elements + ($cards->integer('PCOUNT') ?? 0));
        return $bytes >= 0 && $bytes < 2 ** 46 ? (int) $bytes : null;
    }
}
