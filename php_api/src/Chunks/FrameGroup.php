<?php

declare(strict_types=1);

namespace CrowdSky\Chunks;

use CrowdSky\Fits\SkyPosition;

/** The frames of one chunk: at least one, all alike but for the time, linked in pointing and exposure time. */
final class FrameGroup
{
    /** @var list<SkyPosition> where the frames point on the sky, ICRS; empty when they have no coordinates */
    public readonly array $positions;

    /** @param non-empty-list<Frame> $frames */
    public function __construct(public readonly array $frames)
    {
        $this->positions = array_values(array_filter(array_map(fn (Frame $frame) => $frame->sky(), $frames)));
    }

    public function groupKey(): string
    {
        return $this->first()->groupKey();
    }

    /** A frame of the earliest block: chunks that were merged by hand have several. */
    public function first(): Frame
    {
        return array_reduce($this->frames, static fn (Frame $first, Frame $frame): Frame => $frame->timeBlock < $first->timeBlock ? $frame : $first, $this->frames[0]);
    }

    /** The mean pointing on the sky, ICRS, or null when the frames have no coordinates. */
    public function sky(): ?SkyPosition
    {
        return $this->positions === [] ? null : SkyPosition::mean($this->positions);
    }

    /** The key, of the mean pointing as the headers have it: other programs of the family compute the same. */
    public function chunkKey(): ChunkKey
    {
        $pointings = array_values(array_filter(array_map(fn (Frame $frame) => $frame->position, $this->frames)));

        return ChunkKey::of($this->first()->timeBlock, $pointings === [] ? null : SkyPosition::mean($pointings));
    }

    /** The most frequent OBJECT, the first in the alphabet if several are; null when no frame has one. */
    public function objectName(): ?string
    {
        $votes = array_count_values(array_filter(array_map(fn (Frame $frame) => $frame->object, $this->frames)));
        if ($votes === []) {
            return null;
        }
        ksort($votes, SORT_STRING);

        return (string) array_search(max($votes), $votes, true);
    }

    /** @return list<int> */
    public function frameIds(): array
    {
        return array_map(fn (Frame $frame) => $frame->id, $this->frames);
    }
}
