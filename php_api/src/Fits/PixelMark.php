<?php

declare(strict_types=1);

namespace CrowdSky\Fits;

/**
 * A text that two subs share only if their decoded pixels are the same, whatever their headers say and however the
 * numbers are stored.
 *
 * It is made of some rows only, which keeps an upload fast: no two exposures have the same noise.
 */
final class PixelMark
{
    private const BLOCK_BYTES = 2880;
    private const MAX_BLOCKS = 36;
    private const CARD_BYTES = 80;
    private const ROWS = 32;
    /** Pixels of a row that are decoded at once. */
    private const PIECE = 4096;

    /**
     * @param string $path of a sub that HeaderReader has accepted
     * @return string|null 32 hex digits; null where the pixels cannot be decoded, or are all the same and show no light
     */
    public static function of(string $path): ?string
    {
        $stream = fopen($path, 'rb');
        if ($stream === false) {
            throw new \RuntimeException("Could not open $path to read its pixels.");
        }
        try {
            $cards = self::cards($stream);
            $scale = self::scale($cards, 'BSCALE', 1.0);
            $zero = self::scale($cards, 'BZERO', 0.0);

            return $scale === null || $zero === null ? null : self::read($stream, $cards, $scale, $zero);
        } finally {
            fclose($stream);
        }
    }

    /** @param resource $stream at the first byte of the picture */
    private static function read(mixed $stream, HeaderCards $cards, float $scale, float $zero): ?string
    {
        $shape = ImageShape::of($cards);
        $start = (int) ftell($stream);
        $rowBytes = $shape->width * intdiv(abs($shape->bitpix), 8);
        $isBottomUp = strtoupper($cards->text('ROWORDER') ?? '') === 'BOTTOM-UP';
        $rows = min(self::ROWS, $shape->height);
        $hash = hash_init('sha256');
        $first = null;
        $isFlat = true;
        for ($number = 0; $number < $rows; $number++) {
            $row = intdiv((2 * $number + 1) * $shape->height, 2 * $rows);
            fseek($stream, $start + ($isBottomUp ? $shape->height - 1 - $row : $row) * $rowBytes);
            $bytes = (string) fread($stream, $rowBytes);
            foreach (str_split($bytes, self::PIECE * intdiv(abs($shape->bitpix), 8)) as $piece) {
                $values = self::decoded($piece, $shape->bitpix, $scale, $zero);
                $first ??= $values[0] ?? null;
                $isFlat = $isFlat && $values !== [] && min($values) === $first && max($values) === $first;
                hash_update($hash, pack('g*', ...$values));
            }
        }

        return $isFlat ? null : substr(hash_final($hash), 0, 32);
    }

    /** @return list<float> pixels as readers see them; those without a value are 0 */
    private static function decoded(string $bytes, int $bitpix, float $scale, float $zero): array
    {
        $stored = array_values((array) unpack(match ($bitpix) {
            8 => 'C*',
            16 => 'n*',
            32 => 'N*',
            64 => 'J*',
            -32 => 'G*',
            default => 'E*',
        }, $bytes));
        $top = match ($bitpix) {
            16 => 0x8000,
            32 => 0x80000000,
            default => null,
        };

        return array_map(static function (int|float $value) use ($scale, $zero, $top): float {
            $signed = $top === null || $value < $top ? $value : $value - 2 * $top;
            $decoded = (float) $signed * $scale + $zero;

            return is_finite($decoded) ? $decoded : 0.0;
        }, $stored);
    }

    /**
     * Reads the header and leaves the stream at the first byte of the picture.
     *
     * @param resource $stream
     */
    private static function cards(mixed $stream): HeaderCards
    {
        $cards = new HeaderCards();
        for ($block = 0; $block < self::MAX_BLOCKS; $block++) {
            foreach (str_split((string) fread($stream, self::BLOCK_BYTES), self::CARD_BYTES) as $card) {
                if (rtrim($card) === 'END') {
                    return $cards;
                }
                $cards->add($card);
            }
        }

        return $cards;
    }

    /** BSCALE or BZERO; null for a card that is no number, since the values of the pixels are then unknown. */
    private static function scale(HeaderCards $cards, string $keyword, float $default): ?float
    {
        return $cards->has($keyword) ? $cards->number($keyword) : $default;
    }
}
