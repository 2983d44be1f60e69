<?php

declare(strict_types=1);

namespace CrowdSky\Pages\Plot;

use CrowdSky\Pages\SkyFormat;
use CrowdSky\Pages\Texts;

/**
 * The frame of a plot with its axes, magnitudes growing downwards, and the points in it.
 *
 * It is as wide as the page lets it be: places across it are percentages, so that letters and symbols keep their size
 * on a phone. The style sheet leaves room for those beside the frame.
 */
final class PlotFrame
{
    /** Between the letters of an axis and the frame. */
    private const GAP = 8;
    private const TOP = 44;
    private const BOTTOM = 42;
    private const HEIGHT = 290;
    private const MAG_TICKS = 7;
    /** Magnitudes between the ends of the axis, at least. */
    private const NARROWEST_MAG = 0.05;
    /** So many typical errors lie between them, at least: noise must not look like a signal. */
    private const ERRORS = 6.0;
    /** The frame is not narrower than that, on the smallest phone. Pixels, as are the next ones. */
    private const NARROWEST = 240.0;
    /** Half a letter of a label. */
    private const HALF_LETTER = 3.4;
    /** An error bar ends at most so many pixels beyond the frame, which cuts it off. */
    private const BEYOND = 9.0;

    private readonly Axis $mags;

    /**
     * @param string $id prefix of the ids of this plot
     * @param non-empty-list<PlotPoint> $points that are drawn
     */
    public function __construct(
        private readonly string $id,
        private readonly array $points,
        private readonly Axis $across,
        private readonly Symbols $symbols,
        private readonly Texts $texts,
    ) {
        $sound = array_values(array_filter($points, static fn (PlotPoint $point): bool => !$point->isFlagged));
        $shown = $sound === [] ? $points : $sound;
        $least = min(array_map(static fn (PlotPoint $point): float => $point->least ?? $point->mag, $shown));
        $most = max(array_map(static fn (PlotPoint $point): float => $point->most ?? $point->mag, $shown));
        $this->mags = Axis::around($least, $most, max(self::NARROWEST_MAG, self::ERRORS * PlotPoint::medianError($shown)), self::MAG_TICKS);
    }

    /**
     * @param string $title and $description for those who do not see the plot
     * @param string $below caption of the axis below
     * @param array<string, float> $belowTicks label => place on the axis
     * @param string $above caption of the axis above; empty for none
     * @param array<string, float> $aboveTicks
     */
    public function svg(string $title, string $description, string $below, array $belowTicks, string $above = '', array $aboveTicks = []): string
    {
        $inside = $this->grid($belowTicks, $aboveTicks)
            . Svg::text($below, ['class' => 'plot-caption', 'x' => '100%', 'y' => self::HEIGHT + 36, 'text-anchor' => 'end'])
            . ($above === '' ? '' : Svg::text($above, ['class' => 'plot-caption', 'x' => '100%', 'y' => -28, 'text-anchor' => 'end']))
            . Svg::element('svg', ['class' => 'plot-points', 'width' => '100%', 'height' => self::HEIGHT], $this->points());
        $content = Svg::element('title', ['id' => "$this->id-title"], Svg::escape($title))
            . Svg::element('desc', ['id' => "$this->id-desc"], Svg::escape($description))
            . Svg::element('svg', ['width' => '100%', 'y' => self::TOP, 'height' => self::HEIGHT, 'overflow' => 'visible'], $this->magLabels() . $inside);

        return Svg::element('svg', [
            'class' => 'plot framed', 'role' => 'img', 'height' => self::TOP + self::HEIGHT + self::BOTTOM,
            'aria-labelledby' => "$this->id-title", 'aria-describedby' => "$this->id-desc",
        ], $content);
    }

    /** @return int points that are so far off that they are not in the picture */
    public function outside(): int
    {
        return count(array_filter($this->points, fn (PlotPoint $point): bool => !$this->isInside($point)));
    }

    /** @return list<array{symbol: string, text: string}> */
    public function key(): array
    {
        $key = [];
        $telescopes = array_unique(array_map(static fn (PlotPoint $point): string => $point->telescope, $this->points));
        sort($telescopes);
        foreach ($telescopes as $telescope) {
            $key[] = ['symbol' => $this->symbols->key($telescope), 'text' => $telescope];
        }
        if (array_filter($this->points, static fn (PlotPoint $point): bool => !$point->isCalibrated) !== []) {
            $key[] = ['symbol' => Symbols::lookKey('open'), 'text' => $this->texts->say('hollow: not yet calibrated')];
        }
        if (array_filter($this->points, static fn (PlotPoint $point): bool => $point->isFlagged) !== []) {
            $key[] = ['symbol' => Symbols::lookKey('faint'), 'text' => $this->texts->say('faint: flagged')];
        }

        return $key;
    }

    private function magLabels(): string
    {
        $labels = Svg::text('mag', ['x' => -self::GAP, 'y' => -28, 'text-anchor' => 'end']);
        foreach ($this->mags->ticks as $tick) {
            $y = self::HEIGHT * $this->mags->place($tick) + 4.0;
            $labels .= Svg::text($this->mags->label($this->texts, $tick), ['x' => -self::GAP, 'y' => $y, 'text-anchor' => 'end']);
        }

        return $labels;
    }

    /**
     * @param array<string, float> $belowTicks
     * @param array<string, float> $aboveTicks
     */
    private function grid(array $belowTicks, array $aboveTicks): string
    {
        $grid = Svg::element('rect', ['class' => 'plot-frame', 'width' => '100%', 'height' => self::HEIGHT]);
        foreach ($this->mags->ticks as $tick) {
            $y = self::HEIGHT * $this->mags->place($tick);
            $grid .= Svg::element('line', ['class' => 'plot-grid', 'x1' => '0%', 'x2' => '100%', 'y1' => $y, 'y2' => $y]);
        }

        return $grid . $this->ticks($belowTicks, 0, self::HEIGHT + 5, self::HEIGHT + 19) . $this->ticks($aboveTicks, 0, -5, -9);
    }

    /** @param array<string, float> $ticks */
    private function ticks(array $ticks, int $start, int $end, int $text): string
    {
        $drawn = '';
        $class = 'plot-second';
        foreach ($ticks as $label => $value) {
            $place = $this->across->place($value);
            $x = Svg::across($place);
            // Every second label makes room on a phone.
            $class = $class === 'plot-second' ? 'plot-first' : 'plot-second';
            $from = $end > 0 ? self::HEIGHT : $start;
            $drawn .= Svg::element('line', ['class' => 'plot-tick', 'x1' => $x, 'x2' => $x, 'y1' => $from, 'y2' => $end])
                . Svg::text((string) $label, ['class' => $class, 'x' => $x, 'y' => $text, 'text-anchor' => self::anchor((string) $label, $place)]);
        }

        return $drawn;
    }

    /** The end of a label that stands at its tick: near the sides of the frame, the middle has no room on a phone. */
    private static function anchor(string $label, float $place): string
    {
        $missing = self::HALF_LETTER * mb_strlen($label) - self::GAP;

        return match (true) {
            self::NARROWEST * $place < $missing => 'start',
            self::NARROWEST * (1.0 - $place) < $missing => 'end',
            default => 'middle',
        };
    }

    private function points(): string
    {
        $drawn = '';
        foreach ($this->points as $point) {
            if (!$this->isInside($point)) {
                continue;
            }
            $x = Svg::across($this->across->place($point->x));
            $y = self::HEIGHT * $this->mags->place($point->mag);
            $half = self::HEIGHT * ($point->error ?? 0.0) / ($this->mags->high - $this->mags->low);
            $bar = $half < 1.0 ? '' : Svg::element('line', ['x1' => $x, 'x2' => $x, 'y1' => max(-self::BEYOND, $y - $half), 'y2' => min(self::HEIGHT + self::BEYOND, $y + $half)]);
            $range = $point->least === null || $point->most === null ? '' : Svg::element('line', [
                'class' => 'plot-range', 'x1' => $x, 'x2' => $x,
                'y1' => self::HEIGHT * $this->mags->place($point->least), 'y2' => self::HEIGHT * $this->mags->place($point->most),
            ]);
            $look = ($point->isCalibrated ? '' : ' open') . ($point->isFlagged ? ' faint' : '');
            $title = Svg::element('title', [], Svg::escape($this->text($point)));
            $symbol = Svg::element('use', ['href' => '#' . $this->symbols->shape($point->telescope), 'x' => $x, 'y' => $y]);
            $drawn .= Svg::element('g', ['class' => $this->symbols->colour($point->telescope) . $look], $title . $range . $bar . $symbol);
        }

        return $drawn;
    }

    private function text(PlotPoint $point): string
    {
        $texts = $this->texts;
        $error = $point->error === null ? $texts->say('error unknown') : '± ' . SkyFormat::number($texts, $point->error, 3);
        $mean = $point->count > 1 ? ', ' . $texts->say('mean of {n}', ['n' => $texts->number($point->count)]) : '';

        return SkyFormat::number($texts, $point->x, 5) . ': ' . SkyFormat::number($texts, $point->mag, 3, 'mag') . " $error$mean";
    }

    private function isInside(PlotPoint $point): bool
    {
        $place = $this->mags->place($point->mag);

        return $place >= 0.0 && $place <= 1.0;
    }
}
