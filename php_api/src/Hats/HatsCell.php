<?php

declare(strict_types=1);

namespace CrowdSky\Hats;

use CrowdSky\Chunks\Healpix;
use CrowdSky\Fits\SkyPosition;
use CrowdSky\Jobs\Job;
use CrowdSky\Sky\NestedHealpix;

/** A partition of the export: a HEALPix pixel in nested order. */
final class HatsCell
{
    public const FIRST_ORDER = 3;
    /** That of the pixels by which stars are found. */
    public const LAST_ORDER = 7;
    private const FOLDER = 10000;

    public function __construct(public readonly int $order, public readonly int $pixel)
    {
    }

    /** @param array<string, mixed> $row of hats_cells or hats_files */
    public static function fromRow(array $row): self
    {
        return new self((int) $row['norder'], (int) $row['npix']);
    }

    public static function ofJob(Job $job): self
    {
        return new self((int) ($job->options['order'] ?? -1), (int) ($job->options['pixel'] ?? -1));
    }

    /** The partition of the first order that holds a pixel by which stars are found. */
    public static function rootOf(int $skyPixel): self
    {
        return new self(self::FIRST_ORDER, self::nested($skyPixel) >> 2 * (self::LAST_ORDER - self::FIRST_ORDER));
    }

    /** The number in nested order of a pixel by which stars are found. */
    public static function nested(int $skyPixel): int
    {
        return NestedHealpix::pixelAt(self::LAST_ORDER, Healpix::centre($skyPixel));
    }

    /** @return array<int, int> number in rings of the pixels in it by which stars are found, by their nested number */
    public function skyPixels(): array
    {
        $found = [];
        $bits = 2 * (self::LAST_ORDER - $this->order);
        for ($nested = $this->pixel << $bits; $nested < $this->pixel + 1 << $bits; $nested++) {
            [$x, $y, $z] = NestedHealpix::vector(self::LAST_ORDER, $nested);
            $found[$nested] = Healpix::ringPixel(SkyPosition::fromDegrees(rad2deg(atan2($y, $x)), rad2deg(asin($z))));
        }
        return $found;
    }

    /** @return list<self> the four of the next order in it */
    public function quarters(): array
    {
        return array_map(fn (int $quarter): self => new self($this->order + 1, 4 * $this->pixel + $quarter), range(0, 3));
    }

    public function root(): int
    {
        return $this->pixel >> 2 * ($this->order - self::FIRST_ORDER);
    }

    /** Whether one of the two holds the other, or both are the same. */
    public function overlaps(self $other): bool
    {
        $shared = min($this->order, $other->order);
        return $this->pixel >> 2 * ($this->order - $shared) === $other->pixel >> 2 * ($other->order - $shared);
    }

    public function name(): string
    {
        return "{$this->order}/{$this->pixel}";
    }

    /** Name in the queue, in place of a chunk's key. */
    public function key(): string
    {
        return "hats_{$this->order}_{$this->pixel}";
    }

    /** @return array{order: int, pixel: int} as workers get it */
    public function toWire(): array
    {
        return ['order' => $this->order, 'pixel' => $this->pixel];
    }

    /** Name of its file below the export. */
    public function fileOf(string $catalogue): string
    {
        $folder = intdiv($this->pixel, self::FOLDER) * self::FOLDER;
        return "$catalogue/dataset/Norder={$this->order}/Dir=$folder/Npix={$this->pixel}.parquet";
    }
}
