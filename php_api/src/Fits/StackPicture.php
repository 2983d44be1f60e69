<?php

declare(strict_types=1);

namespace CrowdSky\Fits;

/** Where the light of a finished stack is, in whatever layout programs write: a cube, or an extension for each colour. */
final class StackPicture
{
    private const COLOURS = [['RED', 'R'], ['GREEN', 'G'], ['BLUE', 'B']];
    /** Extensions that have the size of the planes and no light; VARIANCE begins several names. */
    private const MAPS = ['FOOTPRINT', 'MASK', 'WEIGHT', 'REJECTED', 'VARIANCE'];

    private function __construct(
        public readonly int $width,
        public readonly int $height,
        public readonly int $bitpix,
    ) {
    }

    /**
     * @param list<FitsPart> $parts
     * @throws FrameRefused when it is no picture in three colours
     */
    public static function of(array $parts): self
    {
        $axes = $parts[0]->header->axes();
        $picture = match (count($axes)) {
            0 => self::ofExtensions(array_slice($parts, 1)),
            3 => self::ofCube($axes, $parts[0]->header->bitpix()),
            default => throw FrameRefused::notAStack(
                'The image has ' . count($axes) . ' axes; a finished stack in colour has three, or an extension for each colour.'
                . ' Send raw subs to raw_upload.php.'
            ),
        };
        $picture->requireSides();

        return $picture;
    }

    /** @param array{int, int, int} $axes in the order of FITS, the shortest step first */
    private static function ofCube(array $axes, int $bitpix): self
    {
        [$first, $second, $third] = $axes;

        return match (3) {
            $third => new self($first, $second, $bitpix),
            $first => new self($second, $third, $bitpix),
            default => throw FrameRefused::notAStack("The image has $first x $second x $third values; one axis must have the three colours."),
        };
    }

    /** @param list<FitsPart> $parts */
    private static function ofExtensions(array $parts): self
    {
        $images = array_values(array_filter($parts, static fn (FitsPart $part): bool => $part->header->isImage() && count($part->header->axes()) === 2));
        $planes = array_map(static fn (array $names): ?FitsPart => self::named($names, $images), self::COLOURS);
        if (in_array(null, $planes, true)) {
            $planes = array_slice(array_values(array_filter($images, self::mayBeLight(...))), 0, 3);
        }
        if (count($planes) < 3) {
            throw FrameRefused::notAStack(
                'The file has no image in its first part, and no three image extensions RED, GREEN and BLUE.'
                . ' A tile-compressed stack must be unpacked with funpack first.'
            );
        }
        $axes = array_map(static fn (FitsPart $plane): array => $plane->header->axes(), $planes);
        if ($axes[1] !== $axes[0] || $axes[2] !== $axes[0]) {
            throw FrameRefused::notAStack('The planes of the three colours have different sizes.');
        }

        return new self($axes[0][0], $axes[0][1], $planes[0]->header->bitpix());
    }

    /**
     * @param list<string> $names
     * @param list<FitsPart> $images
     */
    private static function named(array $names, array $images): ?FitsPart
    {
        return array_values(array_filter($images, static fn (FitsPart $image): bool => in_array($image->name(), $names, true)))[0] ?? null;
    }

    private static function mayBeLight(FitsPart $image): bool
    {
        return array_filter(self::MAPS, static fn (string $map): bool => str_starts_with($image->name(), $map)) === [];
    }

    private function requireSides(): void
    {
        $facts = CardTable::facts();
        if (min($this->width, $this->height) < $facts->minSidePx || $this->width > intdiv($facts->maxPx, $this->height)) {
            throw FrameRefused::notAStack(sprintf(
                'The stack has %d x %d pixels; stacks have at least %d pixels a side and at most %d in all.',
                $this->width,
                $this->height,
                $facts->minSidePx,
                $facts->maxPx
            ));
        }
    }
}
