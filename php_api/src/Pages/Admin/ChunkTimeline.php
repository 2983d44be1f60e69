<?php

declare(strict_types=1);

namespace CrowdSky\Pages\Admin;

use CrowdSky\Base\Format;
use CrowdSky\Pages\Html;
use CrowdSky\Pages\Plot\Svg;
use CrowdSky\Regrouping\Chunk;
use CrowdSky\Uploads\RawSub;

/** When the subs of neighbouring chunks were taken: a row for each chunk, a stroke for each sub. */
final class ChunkTimeline
{
    private const WIDTH = 900;
    private const ROW = 22;
    private const LABEL = 70;

    /** @param list<Chunk> $chunks in order of time */
    public static function of(array $chunks, int $chosenId): Html
    {
        $times = [];
        foreach ($chunks as $chunk) {
            array_push($times, ...self::seconds($chunk));
        }
        if ($times === []) {
            return new Html('');
        }
        [$first, $last] = [min($times), max($times)];
        $scale = (self::WIDTH - self::LABEL - 10) / max(1, $last - $first);
        $rows = '';
        foreach ($chunks as $row => $chunk) {
            $rows .= self::row($chunk, $row * self::ROW, $chunk->job->id === $chosenId, static fn (int $time): float => self::LABEL + 5 + ($time - $first) * $scale);
        }
        $height = count($chunks) * self::ROW + 18;
        $rows .= self::axis($chunks, $first, $last, $height - 4);

        return new Html(Svg::element('svg', ['viewBox' => '0 0 ' . self::WIDTH . " $height", 'class' => 'chunk-timeline', 'aria-hidden' => 'true'], $rows));
    }

    /** @param \Closure(int): float $place of a time */
    private static function row(Chunk $chunk, int $top, bool $isChosen, \Closure $place): string
    {
        $path = '';
        foreach (self::seconds($chunk) as $time) {
            $path .= sprintf('M%.1F %dv%d', $place($time), $top + 4, self::ROW - 8);
        }
        $class = ($isChosen ? 'chosen ' : '') . ($chunk->stackId === null ? 'open' : 'stacked');

        return Svg::text((string) $chunk->job->id, ['x' => 4, 'y' => $top + self::ROW - 6]) . Svg::element('path', ['d' => $path, 'class' => $class]);
    }

    /** @param list<Chunk> $chunks */
    private static function axis(array $chunks, int $first, int $last, int $y): string
    {
        foreach ($chunks as $chunk) {
            if (str_starts_with($chunk->job->headerClock ?? '', 'local')) {
                return '';
            }
        }

        return Svg::text(Format::time(gmdate('Y-m-d H:i:s', $first)), ['x' => self::LABEL, 'y' => $y])
            . Svg::text(Format::time(gmdate('Y-m-d H:i:s', $last)), ['x' => self::WIDTH - 5, 'y' => $y, 'text-anchor' => 'end']);
    }

    /** @return list<int> Unix times of its subs; local times are taken as if they were UTC, for the distances between them */
    private static function seconds(Chunk $chunk): array
    {
        $times = array_map(static fn (RawSub $sub): int => (int) strtotime("{$sub->exposure->startedAt} UTC"), $chunk->subs);

        return array_values(array_filter($times, static fn (int $time): bool => $time !== 0));
    }
}
