<?php

declare(strict_types=1);

namespace CrowdSky\Fits;

/**
 * The plan of a copy of a file, from its first byte on: what is kept, and what other bytes or zeros stand for.
 *
 * Only the other bytes are in memory; any part of the copy is put together when it is read.
 */
final class PatchedCopy
{
    private const PIECE = 256 << 10;
    private const ZEROS = '';

    /** @var list<array{int, int, string|null}> first byte, end, and what stands there: bytes, zeros, or null for the file's own */
    private array $pieces = [];
    private int $size = 0;

    /** Length in bytes of what is planned so far. */
    public function size(): int
    {
        return $this->size;
    }

    public function isEmpty(): bool
    {
        return $this->pieces === [];
    }

    /** Goes on with that many bytes of the file, from the same place. */
    public function keep(int $length): void
    {
        $this->add($length, null);
    }

    /** Goes on with these bytes in place of that many of the file, so that what follows keeps its place. */
    public function put(string $bytes, int $length): void
    {
        if (strlen($bytes) !== $length) {
            throw new \LogicException(sprintf('%d bytes cannot stand for %d', strlen($bytes), $length));
        }
        $this->add($length, $bytes);
    }

    /** Goes on with zeros in place of that many bytes. */
    public function zeros(int $length): void
    {
        $this->add($length, self::ZEROS);
    }

    /**
     * Passes on that many bytes of the copy from that offset, piece by piece.
     *
     * @param callable(string): mixed $sink
     * @param callable(int, int, callable): mixed $file passes on that many bytes of the file from that offset, likewise
     */
    public function read(int $offset, int $length, callable $sink, callable $file): void
    {
        $stop = min($this->size, $offset + $length);
        foreach ($this->pieces as [$first, $end, $bytes]) {
            [$from, $to] = [max($offset, $first), min($stop, $end)];
            if ($from >= $to) {
                continue;
            }
            if ($bytes === null) {
                $file($from, $to - $from, $sink);
            } elseif ($bytes !== self::ZEROS) {
                $sink(substr($bytes, $from - $first, $to - $from));
            } else {
                for (; $from < $to; $from += self::PIECE) {
                    $sink(str_repeat("\0", min(self::PIECE, $to - $from)));
                }
            }
        }
    }

    private function add(int $length, ?string $bytes): void
    {
        if ($length > 0) {
            $this->pieces[] = [$this->size, $this->size + $length, $bytes];
            $this->size += $length;
        }
    }
}
