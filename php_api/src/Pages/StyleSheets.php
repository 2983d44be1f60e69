<?php

declare(strict_types=1);

namespace CrowdSky\Pages;

/** The style sheets in assets/css: the layout links all of them, so that a new one for a family of pages only has to be there. */
final class StyleSheets
{
    /** What the others build on, in this order. */
    private const FRAME = ['colours', 'frame', 'forms', 'messages', 'tables'];
    /** The layout links these for the chosen theme only. */
    private const THEMES = ['dark', 'night'];

    /** @return list<string> names without .css, in the order in which they count */
    public static function names(): array
    {
        $found = array_map(
            static fn (string $path): string => basename($path, '.css'),
            glob(dirname(__DIR__, 2) . '/public/assets/css/*.css') ?: []
        );

        return [...self::FRAME, ...array_values(array_diff($found, self::FRAME, self::THEMES))];
    }
}
