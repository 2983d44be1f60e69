<?php

declare(strict_types=1);

namespace CrowdSky\Pages\Plot;

/**
 * The colour and the shape of each telescope, so that neither alone has to be told apart: six colours and five shapes
 * make thirty pairs.
 */
final class Symbols
{
    private const COLOURS = 6;
    /** Around (0, 0), about nine pixels wide. */
    private const SHAPES = [
        'M-4 0a4 4 0 1 0 8 0a4 4 0 1 0-8 0z',
        'M-3.6-3.6h7.2v7.2h-7.2z',
        'M0-4.6 4.4 3.4h-8.8z',
        'M0-5 5 0 0 5-5 0z',
        'M0 4.6-4.4-3.4h8.8z',
    ];

    /** @param array<string, int> $numbers telescope => its number */
    private function __construct(private readonly array $numbers)
    {
    }

    /** @param list<string> $telescopes all of the page, so that each looks the same in all plots */
    public static function of(array $telescopes): self
    {
        $names = array_values(array_unique($telescopes));
        sort($names);

        return new self(array_flip($names));
    }

    /** Class of the style sheet that has the colour. */
    public function colour(string $telescope): string
    {
        return 'tel-' . $this->numbers[$telescope] % self::COLOURS;
    }

    /** Name of the shape among definitions(). */
    public function shape(string $telescope): string
    {
        return 'shape-' . $this->numbers[$telescope] % count(self::SHAPES);
    }

    /** An element that is in the page once, for every plot in it to refer to. */
    public static function definitions(): string
    {
        $shapes = '';
        foreach (self::SHAPES as $number => $path) {
            $shapes .= Svg::element('path', ['id' => "shape-$number", 'd' => $path]);
        }

        return Svg::element('svg', ['class' => 'plot-shapes', 'width' => 0, 'height' => 0, 'aria-hidden' => 'true'], Svg::element('defs', [], $shapes));
    }

    /**
     * The entry of a telescope in the key of a plot.
     *
     * @param string $look further classes: open or faint
     */
    public function key(string $telescope, string $look = ''): string
    {
        return self::sample($this->shape($telescope), trim("{$this->colour($telescope)} $look"));
    }

    /** The entry of a look that points of any telescope may have. */
    public static function lookKey(string $look): string
    {
        return self::sample('shape-0', $look);
    }

    private static function sample(string $shape, string $classes): string
    {
        $use = Svg::element('use', ['href' => "#$shape", 'x' => 8, 'y' => 8]);

        return Svg::element('svg', ['class' => "plot-key $classes", 'width' => 16, 'height' => 16, 'aria-hidden' => 'true'], $use);
    }
}
