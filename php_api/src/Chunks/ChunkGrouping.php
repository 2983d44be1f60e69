<?php

declare(strict_types=1);

namespace CrowdSky\Chunks;

/**
 * Sorts frames into chunks: equal group key, and pointings linked by steps within a tolerance.
 *
 * Pointings are joined by single linkage, because a mount that re-centres during a block moves by
 * more than rounding to a grid allows, yet always by small steps.
 */
final class ChunkGrouping
{
    /** @param float $tolerance degrees between two pointings of one chunk */
    public function __construct(private readonly float $tolerance)
    {
    }

    /**
     * @param list<Frame> $frames
     * @return list<FrameGroup> in the order of their first frames
     */
    public function group(array $frames): array
    {
        $byKey = [];
        foreach ($frames as $frame) {
            $byKey[$frame->groupKey()][] = $frame;
        }
        $groups = [];
        foreach ($byKey as $alike) {
            $groups = array_merge($groups, $this->linkPointings($alike));
        }

        return $groups;
    }

    /**
     * @param non-empty-list<Frame> $frames with one group key
     * @return list<FrameGroup>
     */
    private function linkPointings(array $frames): array
    {
        $clusters = [];
        foreach ($this->sharedPointings($frames) as $newcomers) {
            $pointing = new FrameGroup([$newcomers[0]]);
            $near = array_filter(
                $clusters,
                fn (FrameGroup $cluster) => $cluster->isNear($pointing, $this->tolerance)
            );
            $place = array_key_first($near) ?? count($clusters);
            $frames = array_merge(...array_map(fn (FrameGroup $cluster) => $cluster->frames, $near), ...[$newcomers]);
            $clusters = array_diff_key($clusters, $near);
            $clusters[$place] = new FrameGroup($frames);
            ksort($clusters);
            $clusters = array_values($clusters);
        }

        return $clusters;
    }

    /**
     * Groups frames with identical pointings. A night has few distinct ones, which keeps linking cheap.
     *
     * @param non-empty-list<Frame> $frames
     * @return list<non-empty-list<Frame>>
     */
    private function sharedPointings(array $frames): array
    {
        $shared = [];
        foreach ($frames as $frame) {
            $pointing = $frame->position;
            $shared[$pointing === null ? '' : sprintf('%.6F %.6F', $pointing->ra, $pointing->dec)][] = $frame;
        }

        return array_values($shared);
    }
}
