<?php

declare(strict_types=1);

namespace CrowdSky\Fits;

use CrowdSky\Storage\ObjectStorage;

/**
 * The copy of a stored stack that strangers get: its planes and stars with cleaned headers, and a table FRAMES without
 * what would show place or time zone.
 *
 * It has the length of the stack. Nothing is stored: any part of it is put together from parts of the stack, in memory
 * that does not grow with the planes. Parts that no stack of ours has are zeros.
 */
final class PublicStack
{
    private const PLAIN = [
        'RED', 'GREEN', 'BLUE', 'LUM', 'FOOTPRINT', 'VARIANCE', 'VARIANCE_R', 'VARIANCE_G', 'VARIANCE_B', 'REJECTED', 'STAR-TAB',
    ];
    /** Bytes of the largest table of frames that is rewritten; a larger one becomes zeros. */
    private const MAX_FRAMES = 32 << 20;

    private readonly PatchedCopy $copy;
    /** @var array{float, float} middle of the planes in pixels */
    private array $middle = [0.0, 0.0];

    private function __construct(
        private readonly ObjectStorage $storage,
        private readonly string $path,
        private readonly string $secret,
    ) {
        $this->copy = new PatchedCopy();
    }

    /**
     * @param int $size of the stack in bytes
     * @param string $secret of the site, for the pseudonyms of frames
     * @return self|null null when the file is no stack
     * @throws \CrowdSky\Storage\ObjectMissing
     * @throws \CrowdSky\Storage\StorageUnavailable
     */
    public static function ofStored(ObjectStorage $storage, string $path, int $size, string $secret): ?self
    {
        $copy = new self($storage, $path, $secret);
        foreach (StoredHeader::each($storage, $path, $size) as $part => $header) {
            if ($header->next() > $size) {
                return null;
            }
            $copy->addPart($header, $part === 0);
        }
        return $copy->size() === $size && $size > 0 ? $copy : null;
    }

    /** Length in bytes. */
    public function size(): int
    {
        return $this->copy->size();
    }

    /**
     * Passes on that many bytes of the copy from that offset, piece by piece.
     *
     * @param callable(string): mixed $sink
     * @throws \CrowdSky\Storage\ObjectMissing
     * @throws \CrowdSky\Storage\StorageUnavailable
     */
    public function read(int $offset, int $length, callable $sink): void
    {
        $this->copy->read($offset, $length, $sink, fn (int $from, int $bytes, callable $pass) => $this->storage->read($this->path, $pass, $from, $bytes));
    }

    private function addPart(StoredHeader $header, bool $isPrimary): void
    {
        $name = $header->hdu->name();
        if ($name === 'RED' || $name === 'LUM') {
            [$width, $height] = [...$header->hdu->axes(), 1, 1];
            $this->middle = [($width - 1) / 2, ($height - 1) / 2];
        }
        $values = new HeaderCards();
        array_map($values->add(...), $header->cards);
        $isPlain = $isPrimary || in_array($name, self::PLAIN, true);
        $table = $name === FramesTable::NAME && $header->dataBytes <= self::MAX_FRAMES ? FramesTable::of($values) : null;
        $data = $table?->publicRows($header->data($this->storage, $this->path), $this->middle, $this->secret);
        $sum = match (true) {
            $data !== null => self::sum($data),
            $isPlain => self::promisedSum($values),
            default => 0,
        };
        $this->copy->put($this->headerOf($header, $sum), $header->dataStart - $this->copy->size());
        $length = $header->next() - $header->dataStart;
        match (true) {
            $data !== null => $this->copy->put($data, $length),
            $isPlain => $this->copy->keep($length),
            default => $this->copy->zeros($length),
        };
    }

    /** @param int|null $sum of the data; null when it is not known, and then the copy has no sums */
    private function headerOf(StoredHeader $header, ?int $sum): string
    {
        $cards = array_map(PublicHeader::clean(...), $header->cards);
        $promised = array_map(static fn (string $card): string => substr($card, 0, 8), $header->cards);
        $data = array_search('DATASUM ', $promised, true);
        $whole = array_search('CHECKSUM', $promised, true);
        if ($sum !== null && $data !== false && $whole !== false) {
            $cards[$data] = str_pad(sprintf("DATASUM = '%-8s'", $sum), StoredHeader::CARD);
            $cards[$whole] = str_pad("CHECKSUM= '0000000000000000'", StoredHeader::CARD);
        }
        $text = str_pad(implode('', $cards) . 'END', $header->dataStart - $this->copy->size());
        if ($sum === null || $data === false || $whole === false) {
            return $text;
        }
        $total = Checksum::fold(self::sum($text) + $sum);
        return substr_replace($text, Checksum::encoded(Checksum::MINUS_ZERO - $total), $whole * StoredHeader::CARD + 11, 16);
    }

    private static function promisedSum(HeaderCards $header): ?int
    {
        $text = $header->text('DATASUM') ?? '';
        return preg_match('/^[0-9]{1,10}$/D', $text) === 1 ? (int) $text : null;
    }

    private static function sum(string $words): int
    {
        $sum = 0;
        for ($at = 0; $at < strlen($words); $at += 16384) {
            $sum = Checksum::add($sum, substr($words, $at, 16384));
        }
        return $sum;
    }
}
