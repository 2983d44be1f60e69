<?php

declare(strict_types=1);

namespace CrowdSky\Chunks;

use CrowdSky\Fits\SkyPosition;

/**
 * Cuts space into cubes so small that all pointings in one are near each other. A pointing is the unit vector to it, so
 * the poles and RA 0 are places like any other.
 */
final class PointingGrid
{
    /** Cubes on each side in which a near pointing can be: the edge is the longest near chord by the root of 3. */
    private const REACH = 2;

    private readonly float $edge;

    public function __construct(Closeness $closeness)
    {
        $this->edge = $closeness->cubeEdge();
    }

    /** Returns the name of the cube that holds the pointing. */
    public function cube(SkyPosition $pointing): string
    {
        return implode(' ', array_map(fn (float $value) => (int) floor($value / $this->edge), $pointing->vector()));
    }

    /**
     * Sorts pointings into cubes.
     *
     * @param list<SkyPosition> $pointings
     * @return array<string, PointingCloud> by the names of the cubes
     */
    public function clouds(array $pointings): array
    {
        $inCube = [];
        foreach ($pointings as $pointing) {
            $inCube[$this->cube($pointing)][] = $pointing;
        }

        return array_map(fn (array $together) => new PointingCloud($together), $inCube);
    }

    /** @return list<string> the names of all cubes in which a pointing can be near one in this cube, itself included */
    public static function around(string $cube): array
    {
        [$x, $y, $z] = array_map('intval', explode(' ', $cube));
        $names = [];
        for ($i = $x - self::REACH; $i <= $x + self::REACH; $i++) {
            for ($j = $y - self::REACH; $j <= $y + self::REACH; $j++) {
                for ($k = $z - self::REACH; $k <= $z + self::REACH; $k++) {
                    $names[] = "$i $j $k";
                }
            }
        }

        return $names;
    }
}
