<?php

declare(strict_types=1);

namespace CrowdSky\Pages\Plot;

use CrowdSky\Stars\MeasuredField;

/** The stars of a stack as dots: bright ones larger, in the colours that were measured. A square from the middle of the picture. */
final class StarField
{
    /** Magnitudes over which the size of the dots falls from the largest to the smallest. */
    private const RANGE = 5.0;
    private const SIZES = 5;
    /** Magnitudes by which a star must differ from the middle of all to be drawn red or blue. */
    private const TINT = 0.25;

    public static function svg(MeasuredField $field, string $title): string
    {
        $side = min($field->width, $field->height);
        [$left, $top] = [($field->width - $side) / 2, ($field->height - $side) / 2];
        $middle = self::middle($field);
        $paths = [];
        foreach ($field->stars as [$x, $y, $flux, $redness]) {
            [$across, $down] = [1000.0 * ($x - $left) / $side, 1000.0 * ($y - $top) / $side];
            if (min($across, $down) < 0.0 || max($across, $down) > 1000.0) {
                continue;
            }
            $fainter = 2.5 * log10($field->stars[0][2] / $flux);
            $size = max(1, (int) ceil(self::SIZES * (1.0 - $fainter / self::RANGE)));
            $name = self::tint($redness, $middle) . " size-$size";
            $paths[$name] = ($paths[$name] ?? '') . sprintf('M%.0F %.0Fh0', $across, $down);
        }
        $drawn = Svg::element('title', [], Svg::escape($title));
        foreach ($paths as $name => $path) {
            $drawn .= Svg::element('path', ['class' => $name, 'd' => $path]);
        }

        // It fills whatever it stands in, and is cut off rather than stretched.
        $attributes = ['class' => 'star-field', 'role' => 'img', 'viewBox' => '0 0 1000 1000', 'preserveAspectRatio' => 'xMidYMid slice', 'aria-label' => $title];

        return Svg::element('svg', $attributes, $drawn);
    }

    private static function tint(?float $redness, float $middle): string
    {
        return match (true) {
            $redness === null, abs($redness - $middle) < self::TINT => 'white',
            $redness > $middle => 'red',
            default => 'blue',
        };
    }

    /** The sensor's colours are no star's: what counts is the difference from the others. */
    private static function middle(MeasuredField $field): float
    {
        $known = array_filter(array_column($field->stars, 3), static fn (?float $redness): bool => $redness !== null);
        sort($known);

        return $known[intdiv(count($known), 2)] ?? 0.0;
    }
}
