<?php

declare(strict_types=1);

namespace CrowdSky\Chunks;

/**
 * What counts as the same exposure time. Some cameras write the time that they measured, which differs by milliseconds
 * from sub to sub, so times are linked if no gap between them, in order, is wider than 2 %.
 *
 * The worker stacks by the same rule (crowdsky/frames/likeness.py): what is one chunk here is one stack there.
 */
final class ExposureLinks
{
    /** Ratio of two exposure times up to which they are the same setting. */
    public const SAME_EXPOSURE = 1.02;

    /**
     * @param non-empty-list<Frame> $frames
     * @return non-empty-list<non-empty-list<Frame>> linked frames together; frames stay in their order
     */
    public static function split(array $frames): array
    {
        $shortest = self::shortestLinked(self::lengths($frames));
        $linked = [];
        foreach ($frames as $frame) {
            $linked[$frame->exposure === null ? '' : $shortest[(string) $frame->exposure]][] = $frame;
        }

        return array_values($linked);
    }

    /**
     * Whether two groups, each of linked frames, are linked to each other.
     *
     * @param non-empty-list<Frame> $one
     * @param non-empty-list<Frame> $other
     */
    public static function areLinked(array $one, array $other): bool
    {
        return count(self::split([...$one, ...$other])) === 1;
    }

    /** Whether two exposure times by themselves are the same. Seconds above 0. */
    public static function areSame(float $one, float $other): bool
    {
        return max($one, $other) <= min($one, $other) * self::SAME_EXPOSURE;
    }

    /**
     * @param list<Frame> $frames
     * @return array<string, float> the different exposure times by their texts, the shortest first
     */
    private static function lengths(array $frames): array
    {
        $lengths = [];
        foreach ($frames as $frame) {
            if ($frame->exposure !== null) {
                $lengths[(string) $frame->exposure] = $frame->exposure;
            }
        }
        asort($lengths);

        return $lengths;
    }

    /**
     * @param array<string, float> $lengths as lengths() returns them
     * @return array<string, string> the text of the shortest time that each is linked to
     */
    private static function shortestLinked(array $lengths): array
    {
        $linked = [];
        $before = 0.0;
        $shortest = '';
        foreach ($lengths as $text => $length) {
            if ($length > $before * self::SAME_EXPOSURE) {
                $shortest = (string) $text;
            }
            $linked[$text] = $shortest;
            $before = $length;
        }

        return $linked;
    }
}
