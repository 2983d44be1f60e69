<?php

declare(strict_types=1);

namespace CrowdSky\Pages\Plot;

use CrowdSky\Pages\Texts;

/** The range of an axis and its ticks at round numbers. */
final class Axis
{
    private const STEPS = [1.0, 2.0, 5.0, 10.0];
    /** Part of the range that is left free on each side. */
    private const MARGIN = 0.04;

    /** @param list<float> $ticks */
    private function __construct(
        public readonly float $low,
        public readonly float $high,
        public readonly array $ticks,
        /** digits behind the point that tell two ticks apart */
        public readonly int $decimals,
    ) {
    }

    /**
     * @param float $narrowest the range is at least this wide, so that one value alone has a place in the middle
     * @param int $most number of ticks
     */
    public static function around(float $least, float $greatest, float $narrowest, int $most): self
    {
        $width = max($greatest - $least, $narrowest) * (1.0 + 2.0 * self::MARGIN);
        $middle = ($least + $greatest) / 2.0;

        return self::from($middle - $width / 2.0, $middle + $width / 2.0, $most);
    }

    /** Without a margin. */
    public static function from(float $low, float $high, int $most): self
    {
        $step = self::step(($high - $low) / $most);
        $ticks = [];
        for ($number = (int) ceil($low / $step - 1e-9); $number * $step <= $high + 1e-9 * $step; $number++) {
            $ticks[] = $number * $step;
        }

        return new self($low, $high, $ticks, max(0, (int) -floor(log10($step) + 1e-9)));
    }

    /** @return float place on the axis: 0 at its low end, 1 at its high one, beyond that outside */
    public function place(float $value): float
    {
        return ($value - $this->low) / ($this->high - $this->low);
    }

    public function label(Texts $texts, float $tick): string
    {
        $text = sprintf("%.{$this->decimals}F", $tick);
        // No minus sign in front of nothing.
        $shown = (float) $text === 0.0 ? ltrim($text, '-') : $text;

        return strtr($shown, ['.' => $texts->decimalPoint()]);
    }

    /** The smallest round number that is not below a step. */
    private static function step(float $least): float
    {
        $power = 10.0 ** floor(log10($least));
        foreach (self::STEPS as $step) {
            if ($step * $power >= $least * (1.0 - 1e-9)) {
                return $step * $power;
            }
        }

        return 10.0 * $power;
    }
}
