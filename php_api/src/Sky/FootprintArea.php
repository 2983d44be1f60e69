<?php

declare(strict_types=1);

namespace CrowdSky\Sky;

use CrowdSky\Fits\SkyPosition;

/** The HEALPix pixels in a convex outline, found from large to small: what is wholly inside or outside ends the search. */
final class FootprintArea
{
    /** @var list<array{float, float, float}> unit normals of the sides, pointing inwards */
    private readonly array $normals;
    /** @var array{float, float, float} */
    private readonly array $centre;

    public function __construct(private readonly Footprint $footprint)
    {
        $this->centre = $footprint->centre()->vector();
        $this->normals = $this->inwards();
    }

    /**
     * The pixels of an order whose centre is inside.
     *
     * @return list<array{int, int}> ranges of pixels of the order, first and last, rising
     */
    public function ranges(int $order): array
    {
        return $this->search($order, 0.0);
    }

    /**
     * The pixels of an order of which any part is inside, and a few beside them.
     *
     * @return list<array{int, int}> ranges of pixels of the order, first and last, rising
     */
    public function touched(int $order): array
    {
        return $this->search($order, NestedHealpix::reach($order));
    }

    /**
     * @param float $margin radians outside of the outline at which the centre of a pixel may be
     * @return list<array{int, int}>
     */
    private function search(int $order, float $margin): array
    {
        $ranges = [];
        $near = deg2rad($this->footprint->radius());
        for ($face = 0; $face < 12; $face++) {
            $this->descend(0, $face, $order, $near, $margin, $ranges);
        }
        return $ranges;
    }

    /** @param list<array{int, int}> $ranges */
    private function descend(int $level, int $pixel, int $order, float $near, float $margin, array &$ranges): void
    {
        $vector = NestedHealpix::vector($level, $pixel);
        $reach = $level === $order ? $margin : NestedHealpix::reach($level);
        if (acos(max(-1.0, min(1.0, self::dot($vector, $this->centre)))) > $near + $reach) {
            return;
        }
        $depth = $this->depth($vector);
        if ($depth < -$reach) {
            return;
        }
        if ($level === $order || $depth > $reach) {
            $bits = 2 * ($order - $level);
            $ranges[] = [$pixel << $bits, ($pixel + 1 << $bits) - 1];
            return;
        }
        for ($child = 4 * $pixel; $child < 4 * $pixel + 4; $child++) {
            $this->descend($level + 1, $child, $order, $near, $margin, $ranges);
        }
    }

    /**
     * How far inside of the nearest side a direction is, radians; negative outside.
     *
     * @param array{float, float, float} $vector
     */
    private function depth(array $vector): float
    {
        $depth = 1.0;
        foreach ($this->normals as $normal) {
            $depth = min($depth, self::dot($normal, $vector));
        }
        return asin(max(-1.0, min(1.0, $depth)));
    }

    /** @return list<array{float, float, float}> */
    private function inwards(): array
    {
        $corners = array_map(static fn (SkyPosition $corner): array => $corner->vector(), $this->footprint->corners);
        $normals = [];
        foreach ($corners as $index => $a) {
            $b = $corners[$index + 1] ?? $corners[0];
            $normal = [$a[1] * $b[2] - $a[2] * $b[1], $a[2] * $b[0] - $a[0] * $b[2], $a[0] * $b[1] - $a[1] * $b[0]];
            $length = sqrt(self::dot($normal, $normal));
            if ($length > 0.0) {
                $sign = self::dot($normal, $this->centre) < 0.0 ? -1.0 : 1.0;
                $normals[] = [$sign * $normal[0] / $length, $sign * $normal[1] / $length, $sign * $normal[2] / $length];
            }
        }
        return $normals;
    }

    /**
     * @param array{float, float, float} $a
     * @param array{float, float, float} $b
     */
    private static function dot(array $a, array $b): float
    {
        return $a[0] * $b[0] + $a[1] * $b[1] + $a[2] * $b[2];
    }
}
