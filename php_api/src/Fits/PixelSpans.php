<?php

declare(strict_types=1);

namespace CrowdSky\Fits;

use CrowdSky\Storage\ObjectStorage;

/**
 * How much brighter than the sky white is, in ADU for each plane: two pictures with spans of the same light look alike
 * where nothing has changed, whatever the sky of either was.
 */
final class PixelSpans
{
    /** Parts of a span between black and the sky. */
    public const BELOW_SKY = 0.15;

    /** @param non-empty-array<string, float> $spans plane => ADU, positive */
    private function __construct(private readonly array $spans)
    {
    }

    /**
     * From the sky around a star to its brightest pixel.
     *
     * @param int $size of the stack in bytes
     * @param PixelWindow $star a few pixels around it
     * @return self|null null when the file has no such planes, or the star does not rise above its sky
     * @throws \CrowdSky\Storage\ObjectMissing
     * @throws \CrowdSky\Storage\StorageUnavailable
     */
    public static function ofStar(ObjectStorage $storage, string $path, int $size, PixelWindow $field, PixelWindow $star): ?self
    {
        $spans = [];
        foreach (ColourPlanes::holding($storage, $path, $size, $field) ?? [] as $name => $plane) {
            $sky = PixelValues::sample($storage, $path, $plane, $field)->quantile(0.5);
            $spans[$name] = PixelValues::sample($storage, $path, $plane, $star)->quantile(1.0) - $sky;
        }

        return $spans === [] || min($spans) <= 0.0 ? null : new self($spans);
    }

    /**
     * The same light in a picture that shows it with more or fewer ADU.
     *
     * @param array<string, float> $factors plane => ADU there for each here; planes without one are left out
     * @return self|null null when no plane is left
     */
    public function times(array $factors): ?self
    {
        $spans = [];
        foreach (array_intersect_key($this->spans, $factors) as $name => $span) {
            $spans[$name] = $span * $factors[$name];
        }

        return $spans === [] ? null : new self($spans);
    }

    public function of(string $plane): ?float
    {
        return $this->spans[$plane] ?? null;
    }
}
