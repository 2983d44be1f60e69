<?php

declare(strict_types=1);

namespace CrowdSky\Pages\Plot;

/** A drawing for the page, and what has to be said below it. */
final class Plot
{
    /**
     * @param string $svg HTML
     * @param list<array{symbol: string, text: string}> $key what the symbols mean; symbols are HTML
     * @param list<string> $notes sentences about what the drawing does not show
     */
    public function __construct(public readonly string $svg, public readonly array $key, public readonly array $notes)
    {
    }
}
