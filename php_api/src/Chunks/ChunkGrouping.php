<?php

declare(strict_types=1);

namespace CrowdSky\Chunks;

/**
 * Sorts frames into chunks: equal group key, and exposure times and pointings linked by steps within a tolerance.
 *
 * Pointings are joined by single linkage, because a mount that re-centres during a block moves by
 * more than rounding to a grid allows, yet always by small steps. A grid only finds the neighbours.
 */
final class ChunkGrouping
{
    private readonly PointingGrid $grid;

    public function __construct(private readonly Closeness $closeness)
    {
        $this->grid = new PointingGrid($closeness);
    }

    /**
     * @param list<Frame> $frames
     * @return list<FrameGroup> in the order of their first frames within each key; frames stay in their order
     */
    public function group(array $frames): array
    {
        $byKey = [];
        foreach ($frames as $frame) {
            $byKey[$frame->groupKey()][] = $frame;
        }
        $groups = [];
        foreach ($byKey as $alike) {
            array_push($groups, ...array_map(fn (array $together) => new FrameGroup($together), $this->linked($alike)));
        }

        return $groups;
    }

    /**
     * The largest sets that are linked both in pointing and in exposure time. A frame that links the exposures of two
     * others may point elsewhere, so each set that one rule has split off is looked at by the other one again.
     *
     * @param non-empty-list<Frame> $frames with one group key
     * @return list<non-empty-list<Frame>> in the order of their first frames
     */
    private function linked(array $frames): array
    {
        $sets = [];
        $unchecked = [$frames];
        while ($unchecked !== []) {
            foreach ($this->linkPointings(array_pop($unchecked)) as $near) {
                $alike = ExposureLinks::split($near);
                count($alike) === 1 ? $sets[] = $near : array_push($unchecked, ...$alike);
            }
        }
        if (count($sets) > 1) {
            $places = array_flip(array_map(fn (Frame $frame) => $frame->id, $frames));
            usort($sets, fn (array $one, array $other) => $places[$one[0]->id] <=> $places[$other[0]->id]);
        }

        return $sets;
    }

    /**
     * @param non-empty-list<Frame> $frames with one group key
     * @return list<non-empty-list<Frame>>
     */
    private function linkPointings(array $frames): array
    {
        if ($frames[0]->position === null) {
            return [$frames];
        }
        $parents = $this->linkCubes((new FrameGroup($frames))->positions);
        $linked = [];
        foreach ($frames as $frame) {
            $linked[self::root($parents, $this->grid->cube($frame->sky()))][] = $frame;
        }

        return array_values($linked);
    }

    /**
     * Links the cubes of the grid that have near pointings.
     *
     * @param non-empty-list<\CrowdSky\Fits\SkyPosition> $pointings
     * @return array<string, string> the parent of each cube that holds a pointing; a root is its own
     */
    private function linkCubes(array $pointings): array
    {
        $parents = [];
        $clouds = $this->grid->clouds($pointings);
        foreach ($clouds as $cube => $cloud) {
            $parents[$cube] = $cube;
            foreach (PointingGrid::around($cube) as $place) {
                if (!isset($parents[$place])) {
                    continue;
                }
                [$here, $there] = [self::root($parents, $cube), self::root($parents, $place)];
                if ($here !== $there && $cloud->isNear($clouds[$place], $this->closeness)) {
                    $parents[$here] = $there;
                }
            }
        }

        return $parents;
    }

    /**
     * Returns the root of a cube, and shortens the way to it.
     *
     * @param array<string, string> $parents
     */
    private static function root(array &$parents, string $cube): string
    {
        while ($parents[$cube] !== $cube) {
            $parents[$cube] = $parents[$parents[$cube]];
            $cube = $parents[$cube];
        }

        return $cube;
    }
}
