<?php

declare(strict_types=1);

namespace CrowdSky\Fits;

use CrowdSky\Storage\ObjectStorage;

/** Numbers of the pixels in a window of a stored picture. */
final class PixelValues
{
    private const CODES = [8 => 'C*', 16 => 'n*', 32 => 'N*', -32 => 'G*', -64 => 'E*'];
    /** What unsigned numbers of 16 bits are stored with added to them. */
    private const SIGN_BIT = 0x8000;
    /** Pixels that stand for all of a window. */
    private const SAMPLES = 40_000;

    /** @param list<int|float> $sorted */
    private function __construct(private readonly array $sorted)
    {
    }

    public static function areKnown(StoredHeader $plane): bool
    {
        return isset(self::CODES[$plane->hdu->bitpix()]);
    }

    /** @return list<int|float> of a row of stored bytes */
    public static function ofRow(StoredHeader $plane, string $row): array
    {
        $bitpix = $plane->hdu->bitpix();
        $values = array_values(unpack(self::CODES[$bitpix], $row) ?: []);

        // Stored is the value less 32768, as a signed number.
        return $bitpix === 16 ? array_map(static fn (int $value): int => $value ^ self::SIGN_BIT, $values) : $values;
    }

    /** Whether subs have covered a pixel of this value. */
    public static function isCovered(int|float $value): bool
    {
        return is_finite($value) && $value != 0;
    }

    /**
     * A sample of a window's covered pixels; all of them if there are few.
     *
     * @throws \CrowdSky\Storage\ObjectMissing
     * @throws \CrowdSky\Storage\StorageUnavailable
     */
    public static function sample(ObjectStorage $storage, string $path, StoredHeader $plane, PixelWindow $window): self
    {
        $step = max(1, intdiv($window->width * $window->height, self::SAMPLES));
        $samples = [];
        $window->rows($storage, $path, $plane, static function (string $row) use (&$samples, $plane, $step): void {
            $values = self::ofRow($plane, $row);
            for ($at = count($samples) % $step; $at < count($values); $at += $step) {
                $samples[] = $values[$at];
            }
        });
        $samples = array_values(array_filter($samples, self::isCovered(...)));
        sort($samples);

        return new self($samples);
    }

    /** @return float the value that this part of the pixels stay below; 0 when no pixel is covered */
    public function quantile(float $part): float
    {
        $count = count($this->sorted);

        return $count === 0 ? 0.0 : (float) $this->sorted[(int) ($part * ($count - 1))];
    }
}
