<?php

declare(strict_types=1);

namespace CrowdSky\Pages\Plot;

/** Writes the elements of a drawing. Colours come from the style sheet: the site allows no style inside a page. */
final class Svg
{
    /** @param array<string, string|float|int> $attributes */
    public static function element(string $name, array $attributes, string $content = ''): string
    {
        $text = '';
        foreach ($attributes as $attribute => $value) {
            $text .= " $attribute=\"" . (is_float($value) ? self::number($value) : self::escape((string) $value)) . '"';
        }

        return $content === '' ? "<$name$text/>" : "<$name$text>$content</$name>";
    }

    /** @param array<string, string|float|int> $attributes */
    public static function text(string $text, array $attributes): string
    {
        return self::element('text', $attributes, self::escape($text));
    }

    /** A place across the drawing, which has no width of its own: it takes that of the page. */
    public static function across(float $part): string
    {
        return self::number(100.0 * $part) . '%';
    }

    public static function escape(string $text): string
    {
        return htmlspecialchars($text, ENT_QUOTES | ENT_SUBSTITUTE | ENT_HTML5, 'UTF-8');
    }

    private static function number(float $value): string
    {
        $text = rtrim(rtrim(sprintf('%.2F', $value), '0'), '.');

        return $text === '-0' ? '0' : $text;
    }
}
