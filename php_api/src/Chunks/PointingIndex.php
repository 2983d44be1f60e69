<?php

declare(strict_types=1);

namespace CrowdSky\Chunks;

/** Finds those of many groups of frames that point close to another one. All have the same group key. */
final class PointingIndex
{
    private readonly PointingGrid $grid;
    /** @var array<string, list<array{int, PointingCloud}>> label and pointings, by cube */
    private array $clouds = [];
    /** @var array<int, true> labels of groups without coordinates, which are all near each other */
    private array $unplaced = [];

    public function __construct(private readonly Closeness $closeness)
    {
        $this->grid = new PointingGrid($closeness);
    }

    /** Adds frames under a label; several groups may have the same one. */
    public function add(int $label, FrameGroup $group): void
    {
        if ($group->positions === []) {
            $this->unplaced[$label] = true;
        }
        foreach ($this->grid->clouds($group->positions) as $cube => $cloud) {
            $this->clouds[$cube][] = [$label, $cloud];
        }
    }

    /** @return list<int> labels of the groups near this one, the lowest first */
    public function near(FrameGroup $group): array
    {
        $near = $group->positions === [] ? $this->unplaced : [];
        foreach ($this->clouds === [] ? [] : $this->grid->clouds($group->positions) as $cube => $cloud) {
            foreach (PointingGrid::around($cube) as $place) {
                foreach ($this->clouds[$place] ?? [] as [$label, $other]) {
                    if (!isset($near[$label]) && $cloud->isNear($other, $this->closeness)) {
                        $near[$label] = true;
                    }
                }
            }
        }
        ksort($near);

        return array_keys($near);
    }
}
