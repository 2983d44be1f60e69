<?php

declare(strict_types=1);

namespace CrowdSky\Results;

/**
 * Why a stacker left subs out, by the note that it writes into its report (crowdsky/stacking/product/frame_reports.py):
 * the reasons quote figures, which a statistic cannot count.
 */
final class RejectionCauses
{
    public const OTHER = 'other';
    /** Cause => what its reasons have in them, in the order in which they are tried. */
    private const CAUSES = [
        'blurred' => '/stars are (blurred|smeared)/',
        'trailed' => '/stars are trailed/',
        'cloud' => '/through cloud/',
        'noisy' => '/too noisy/',
        'sky' => '/sky is uneven/',
        'stars' => '/too few to align|no usable stars/',
        'place' => '/overlap|match|rotat|shift/',
        'kind' => '/^it has .+, while .+/',
        'file' => '/read|header|damaged|pixels|missing|truncated/',
    ];
    private const NOTE = '/^(\d{1,7}) of \d{1,7} subs left out(?:, each for the same reason)?: (.+)$/Ds';
    private const COUNTED = '/^(.+) \((\d{1,7}) of them\)$/Ds';

    /** @return list<string> every cause, in a fixed order */
    public static function all(): array
    {
        return [...array_keys(self::CAUSES), self::OTHER];
    }

    /**
     * @param list<string> $notes of a report
     * @param int $leftOut subs that are not in the stack; what the notes do not explain counts as OTHER
     * @return array<string, int> number of subs by cause
     */
    public static function count(array $notes, int $leftOut): array
    {
        $counts = [];
        foreach ($notes as $note) {
            if (preg_match(self::NOTE, $note, $match) === 1) {
                $counts = self::reasons($match[2], min((int) $match[1], $leftOut));
                break;
            }
        }
        $rest = $leftOut - array_sum($counts);

        return $rest > 0 ? [self::OTHER => ($counts[self::OTHER] ?? 0) + $rest] + $counts : $counts;
    }

    /** @return array<string, int> */
    private static function reasons(string $why, int $all): array
    {
        $counts = [];
        foreach (explode('; ', $why) as $part) {
            if (preg_match(self::COUNTED, $part, $match) === 1) {
                $cause = self::cause($match[1]);
                $counts[$cause] = ($counts[$cause] ?? 0) + (int) $match[2];
            }
        }

        // A single reason is not counted, and advice may follow it.
        return $counts === [] ? [self::cause($why) => $all] : (array_sum($counts) <= $all ? $counts : []);
    }

    private static function cause(string $reason): string
    {
        foreach (self::CAUSES as $cause => $pattern) {
            if (preg_match($pattern, $reason) === 1) {
                return $cause;
            }
        }

        return self::OTHER;
    }
}
