<?php

declare(strict_types=1);

namespace CrowdSky\Fits;

use CrowdSky\Storage\ObjectStorage;

/** One header of a stored FITS file, and where its data are. */
final class StoredHeader
{
    public const BLOCK = 2880;
    public const CARD = 80;
    private const READ_AHEAD = 8 * self::BLOCK;
    private const MAX_BYTES = 64 * self::BLOCK;

    /** @param list<string> $cards of 80 bytes each, without END */
    private function __construct(
        public readonly array $cards,
        public readonly HeaderCards $values,
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
        $header = '';
        do {
            $length = min(self::READ_AHEAD, $size - $offset - strlen($header));
            if ($length <= 0 || strlen($header) >= self::MAX_BYTES) {
                return null;
            }
            $storage->read($path, static function (string $piece) use (&$header): void {
                $header .= $piece;
            }, $offset + strlen($header), $length);
        } while (($end = self::end($header)) === null);
        $cards = str_split(substr($header, 0, $end), self::CARD);
        $values = new HeaderCards();
        array_walk($cards, static fn (string $card) => $values->add($card));
        $blocks = intdiv($end + self::CARD + self::BLOCK - 1, self::BLOCK);
        $bytes = self::dataBytesOf($values);

        return $bytes === null ? null : new self($cards, $values, $offset + $blocks * self::BLOCK, $bytes);
    }

    /** Where the next header begins. */
    public function next(): int
    {
        return $this->dataStart + self::padded($this->dataBytes);
    }

    public static function padded(int $bytes): int
    {
        return intdiv($bytes + self::BLOCK - 1, self::BLOCK) * self::BLOCK;
    }

    /** Offset of the card END, null if it is not there yet. */
    private static function end(string $header): ?int
    {
        return preg_match('/^(?:.{80})*?END {77}/s', $header, $match) === 1 ? strlen($match[0]) - self::CARD : null;
    }

    private static function dataBytesOf(HeaderCards $values): ?int
    {
        $axes = $values->integer('NAXIS') ?? -1;
        $elements = $axes > 0 ? 1.0 : 0.0;
        for ($axis = 1; $axis <= min($axes, 999); $axis++) {
            $elements *= max(-1, $values->integer("NAXIS$axis") ?? -1);
        }
        $elements += $axes > 0 ? $values->integer('PCOUNT') ?? 0 : 0;
        $bytes = abs($values->integer('BITPIX') ?? 0) / 8 * $elements;

        return $axes < 0 || $axes > 999 || !($bytes >= 0 && $bytes < 2 ** 46) ? null : (int) $bytes;
    }
}
