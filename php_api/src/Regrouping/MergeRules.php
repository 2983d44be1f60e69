<?php

declare(strict_types=1);

namespace CrowdSky\Regrouping;

use CrowdSky\Chunks\ChunkGrouping;
use CrowdSky\Chunks\Closeness;
use CrowdSky\Chunks\ExposureLinks;
use CrowdSky\Chunks\FilterName;
use CrowdSky\Chunks\Frame;

/** Which chunks can be stacked as one. */
final class MergeRules
{
    /** Chunks that become one at most: 4 hours of blocks of 15 minutes. */
    public const MOST = 16;

    public function __construct(private readonly Closeness $closeness, private readonly BlockOrder $blocks)
    {
    }

    /**
     * Returns why chunks cannot become one, as a sentence without its full stop; null when they can.
     *
     * @param list<Chunk> $chunks in order of time
     */
    public function problem(array $chunks): ?string
    {
        foreach ($chunks as $chunk) {
            if ($chunk->problem !== null) {
                return $chunk->problem;
            }
        }

        return match (true) {
            count($chunks) < 2 => 'Choose at least two chunks',
            count($chunks) > self::MOST => 'At most ' . self::MOST . ' chunks can become one',
            default => $this->difference($chunks) ?? $this->gap($chunks),
        };
    }

    /** Returns why a chunk can never be part of one with another, whatever lies between them; null when it can. */
    public function unlikeness(Chunk $one, Chunk $other): ?string
    {
        return $one->problem ?? $other->problem ?? $this->difference([$one, $other]);
    }

    /** @param list<Chunk> $chunks */
    private function difference(array $chunks): ?string
    {
        $first = $chunks[0]->frames()[0];
        $frames = array_merge(...array_map(static fn (Chunk $chunk): array => $chunk->frames(), $chunks));
        $others = array_filter($chunks, static fn (Chunk $chunk): bool => $chunk->job->userId !== $chunks[0]->job->userId);
        if ($others !== []) {
            return 'The chunks belong to different owners';
        }
        foreach (self::facts() as $words => $fact) {
            foreach ($frames as $frame) {
                if ($fact($frame) !== $fact($first)) {
                    return "The chunks differ in $words";
                }
            }
        }
        if (count(ExposureLinks::split($frames)) > 1) {
            return 'The chunks differ in exposure time';
        }
        $alike = array_map(static fn (Frame $frame): Frame => $frame->inBlock($first->timeBlock), $frames);

        return count((new ChunkGrouping($this->closeness))->group($alike)) > 1 ? 'The chunks show different fields' : null;
    }

    /** @param list<Chunk> $chunks */
    private function gap(array $chunks): ?string
    {
        $blocks = array_unique(array_merge(...array_map(static fn (Chunk $chunk): array => $chunk->blocks(), $chunks)));
        $numbers = array_map($this->blocks->number(...), $blocks);
        sort($numbers);

        return $numbers !== [] && end($numbers) - $numbers[0] + 1 > count($numbers)
            ? 'The chunks are not neighbours: there is a block of time between them that none of them has'
            : null;
    }

    /** @return array<string, \Closure(Frame): mixed> what frames of one chunk share, by its name */
    private static function facts(): array
    {
        return [
            'telescope' => static fn (Frame $frame) => $frame->telescope,
            'filter' => static fn (Frame $frame) => FilterName::form($frame->filter),
            'the size of their subs' => static fn (Frame $frame) => [$frame->width, $frame->height],
            'the pattern of the sensor' => static fn (Frame $frame) => $frame->bayerPattern,
            'the mode of the mount' => static fn (Frame $frame) => $frame->eqMode,
            'the clock of their subs' => static fn (Frame $frame) => $frame->oddClock(),
            'the camera' => static fn (Frame $frame) => $frame->isWide,
            'that some have coordinates and others have none' => static fn (Frame $frame) => $frame->position === null,
            'object, and their subs have no coordinates' => static fn (Frame $frame) => $frame->position === null ? $frame->object : null,
        ];
    }
}
