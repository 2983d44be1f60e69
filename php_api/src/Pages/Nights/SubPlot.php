<?php

declare(strict_types=1);

namespace CrowdSky\Pages\Nights;

use CrowdSky\Pages\Plot\Axis;
use CrowdSky\Pages\Plot\Svg;

/** One value of the subs of a chunk over time, small enough to be seen beside others. */
final class SubPlot
{
    private const HEIGHT = 90;
    /** Free above and below, in pixels. */
    private const EDGE = 8;
    /** Range at least, as a part of the values: equal values must not look restless. */
    private const NARROWEST = 0.1;

    /**
     * @param list<array{float, ?float, bool}> $points time, value and whether the sub was used; those without a value are left out
     * @param string $label of the drawing for who does not see it
     * @return string|null HTML; null with fewer than two values
     */
    public static function of(array $points, string $label): ?string
    {
        $known = array_values(array_filter($points, static fn (array $point): bool => $point[1] !== null));
        if (count($known) < 2) {
            return null;
        }
        $values = array_column($known, 1);
        $times = array_column($known, 0);
        [$least, $most] = [min($values), max($values)];
        $height = Axis::around($least, $most, max(1e-6, self::NARROWEST * max(abs($least), abs($most))), 2);
        $across = Axis::around(min($times), max($times), 1.0, 2);
        $marks = '';
        foreach ($known as [$time, $value, $isUsed]) {
            $marks .= Svg::element('circle', [
                'class' => $isUsed ? 'used' : 'open',
                'cx' => Svg::across($across->place($time)),
                'cy' => self::HEIGHT - self::EDGE - (self::HEIGHT - 2 * self::EDGE) * $height->place($value),
                'r' => 3,
            ]);
        }

        return Svg::element(
            'svg',
            ['class' => 'plot small-plot sub-plot', 'role' => 'img', 'width' => '100%', 'height' => self::HEIGHT, 'aria-label' => $label],
            Svg::element('title', [], Svg::escape($label)) . $marks,
        );
    }
}
