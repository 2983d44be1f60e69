<?php

declare(strict_types=1);

namespace CrowdSky\Fits;

/** A text of a header that goes on in cards named CONTINUE (FITS standard 4.0, section 4.2.1.2). */
final class LongText
{
    private const PART = "/^(?:\\S+ *= |CONTINUE  ) *'((?:[^']|'')*)'/";

    /**
     * @param list<string> $cards of a header
     * @return string|null null when there is no such text
     */
    public static function of(array $cards, string $keyword): ?string
    {
        $text = null;
        foreach ($cards as $card) {
            $isNext = $text === null ? rtrim(substr($card, 0, 8)) === $keyword : str_starts_with($card, 'CONTINUE  ');
            if ($text !== null && (!$isNext || !str_ends_with($text, '&'))) {
                break;
            }
            if ($isNext && preg_match(self::PART, $card, $match) === 1) {
                $text = ($text === null ? '' : substr($text, 0, -1)) . rtrim(str_replace("''", "'", $match[1]), ' ');
            }
        }
        return $text === null ? null : (str_ends_with($text, '&') ? substr($text, 0, -1) : $text);
    }
}
