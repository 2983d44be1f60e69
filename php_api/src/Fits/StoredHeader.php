<?php

declare(strict_types=1);

namespace CrowdSky\Fits;

use CrowdSky\Storage\ObjectStorage;
use CrowdSky\Storage\StoredBytes;

/** One header of a stored FITS file, and where its data are. */
final class StoredHeader
{
    public const CARD = 80;
    public const MAX_BLOCKS = 64;
    private const BLOCK = HduHeader::BLOCK;
    private const READ_AHEAD = 8 * self::BLOCK;
    private const MAX_BYTES = self::MAX_BLOCKS * self::BLOCK;
    private const MAX_PARTS = 64;

    /** @param list<string> $cards of 80 bytes each, without END */
    private function __construct(
        public readonly array $cards,
        public readonly HduHeader $hdu,
        /** offset in the file of the first byte of the data */
        public readonly int $dataStart,
        /** bytes of the data, without their filling */
        public readonly int $dataBytes,
    ) {
    }

    /**
     * @param int $size of the file in bytes
     * @return self|null null when no header begins there, or it does not describe its data
     * @throws \CrowdSky\Storage\ObjectMissing
     * @throws \CrowdSky\Storage\StorageUnavailable
     */
    public static function at(ObjectStorage $storage, string $path, int $offset, int $size): ?self
    {
        return self::atOf(self::bytes($storage, $path), $offset, $size);
    }

    /** @param \Closure(int, int): string $bytes of the file, from an offset and of a length */
    private static function atOf(\Closure $bytes, int $offset, int $size): ?self
    {
        $hdu = new HduHeader(null);
        for ($text = '', $at = 0, $ends = false; !$ends; $at += self::BLOCK) {
            if ($at === strlen($text)) {
                $length = min(self::READ_AHEAD, $size - $offset - $at);
                if ($length < self::BLOCK || $at >= self::MAX_BYTES) {
                    return null;
                }
                $text .= $bytes($offset + $at, intdiv($length, self::BLOCK) * self::BLOCK);
                if (strlen($text) < $at + self::BLOCK || strlen($text) % self::BLOCK !== 0) {
                    return null;  // the file is shorter than its size says
                }
            }
            $ends = $hdu->add(substr($text, $at, self::BLOCK));
        }
        $cards = str_split(substr($text, 0, $at), self::CARD);
        $end = array_search(str_pad('END', self::CARD), $cards, true);
        $dataBytes = $hdu->dataSize();

        return $end === false || $dataBytes === null ? null : new self(array_slice($cards, 0, $end), $hdu, $offset + $at, $dataBytes);
    }

    /**
     * Reads the headers of a file one after the other, as far as they can be read; no stack of ours has more parts than
     * are looked at.
     *
     * @param int $size of the file in bytes
     * @return \Generator<int, self, mixed, int> returns where the last of them says that its data end: at $size if they
     *     are all, and nothing is missing
     * @throws \CrowdSky\Storage\ObjectMissing
     * @throws \CrowdSky\Storage\StorageUnavailable
     */
    public static function each(ObjectStorage $storage, string $path, int $size): \Generator
    {
        return yield from self::eachOf(self::bytes($storage, $path), $size);
    }

    /**
     * The same of a file that is read by a function.
     *
     * @param \Closure(int, int): string $bytes of the file, from an offset and of a length
     * @return \Generator<int, self, mixed, int>
     */
    public static function eachOf(\Closure $bytes, int $size): \Generator
    {
        $end = 0;
        for ($part = 0; $part < self::MAX_PARTS && $end < $size; $part++) {
            $header = self::atOf($bytes, $end, $size);
            if ($header === null) {
                break;
            }
            yield $header;
            $end = $header->next();
        }
        return $end;
    }

    /** Where the next header begins. */
    public function next(): int
    {
        return $this->dataStart + self::padded($this->dataBytes);
    }

    /**
     * Reads the data with their filling; for small ones.
     *
     * @param string $path of the file that the header is from
     * @throws \CrowdSky\Storage\ObjectMissing
     * @throws \CrowdSky\Storage\StorageUnavailable
     */
    public function data(ObjectStorage $storage, string $path): string
    {
        return $this->dataBytes > 0 ? StoredBytes::of($storage, $path, $this->dataStart, $this->next() - $this->dataStart) : '';
    }

    /** @return \Closure(int, int): string */
    private static function bytes(ObjectStorage $storage, string $path): \Closure
    {
        return static fn (int $offset, int $length): string => StoredBytes::of($storage, $path, $offset, $length);
    }

    public static function padded(int $bytes): int
    {
        return intdiv($bytes + self::BLOCK - 1, self::BLOCK) * self::BLOCK;
    }
}
