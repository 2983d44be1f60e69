<?php

declare(strict_types=1);

namespace CrowdSky\Tables;

/** Texts and numbers as XML takes them. */
final class VoXml
{
    public const DECLARATION = '<?xml version="1.0" encoding="UTF-8"?>' . "\n";

    /** A text without what XML 1.0 has no way to write. */
    public static function text(string $text): string
    {
        $plain = preg_replace('/[^\x{9}\x{A}\x{D}\x{20}-\x{D7FF}\x{E000}-\x{FFFD}\x{10000}-\x{10FFFF}]/u', '', mb_scrub($text, 'UTF-8'));
        return htmlspecialchars((string) $plain, ENT_QUOTES | ENT_XML1 | ENT_SUBSTITUTE, 'UTF-8');
    }

    /** A cell of a table; an unknown value is an empty one. */
    public static function cell(string|int|float|bool|null $value): string
    {
        return match (true) {
            $value === null => '<TD/>',
            is_bool($value) => '<TD>' . ($value ? 'true' : 'false') . '</TD>',
            // All digits, and never with a comma.
            is_float($value) => '<TD>' . (is_finite($value) ? json_encode($value, JSON_THROW_ON_ERROR) : 'NaN') . '</TD>',
            default => '<TD>' . self::text((string) $value) . '</TD>',
        };
    }
}
