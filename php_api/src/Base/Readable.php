<?php

declare(strict_types=1);

namespace CrowdSky\Base;

/**
 * Text from outside, made fit for one line of a log or a page.
 *
 * Line breaks would forge log lines, control sequences (C0 and C1) rewrite a terminal, and characters that change the
 * direction of writing hide what is written.
 */
final class Readable
{
    /** Control and format characters, and Unicode's separators of lines and paragraphs. */
    private const UNPRINTABLE = '/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]+/u';

    /** Replaces what cannot be printed by blanks, and cuts to $longest characters. */
    public static function text(string $text, int $longest): string
    {
        // The bytes are bounded first: nobody converts megabytes for one line.
        $scrubbed = mb_scrub(substr($text, 0, 4 * $longest + 4), 'UTF-8');
        $clean = preg_replace(self::UNPRINTABLE, ' ', $scrubbed) ?? '';
        return mb_strlen($clean, 'UTF-8') <= $longest ? $clean : mb_substr($clean, 0, $longest - 1, 'UTF-8') . '…';
    }
}
