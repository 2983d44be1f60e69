<?php

declare(strict_types=1);

namespace CrowdSky\Fits;

/**
 * Which cards hold which fact, and what the words in them mean, from the table of header cards.
 *
 * Programs write the same fact into different cards; the first that has a usable value counts. The worker reads the
 * same table by the same rules (crowdsky/frames/card_facts.py), so that the site takes no sub that no worker can use.
 */
final class CardFacts
{
    /** Exposure in seconds above which the number has another unit or is a mistake. */
    private const MAX_EXPOSURE = 86400.0;

    /** @var list<array{string, string}> pairs of cards for the pointing */
    public readonly array $pointing;
    /** @var list<string> cards for the time of day, where DATE-OBS has only the day */
    public readonly array $timeOfDay;
    /** @var array<string, float> seconds by which time systems are ahead of UTC, since the last leap second */
    public readonly array $aheadOfUtc;
    /** @var list<int> BITPIX that workers can read */
    public readonly array $bitpix;
    public readonly int $minSidePx;
    public readonly int $maxPx;

    /** @param array<string, mixed> $table */
    public function __construct(private readonly array $table)
    {
        $this->pointing = $table['facts']['pointing'];
        $this->timeOfDay = $table['facts']['time_of_day'];
        $this->aheadOfUtc = array_map('floatval', $table['ahead_of_utc_s']);
        $this->bitpix = $table['sizes']['bitpix'];
        $this->minSidePx = $table['sizes']['min_side_px'];
        $this->maxPx = $table['sizes']['max_px'];
    }

    /**
     * The part of the table that these facts are read by, for a program that reads headers by the same rules.
     *
     * @return array<string, mixed>
     */
    public function rules(): array
    {
        return array_intersect_key($this->table, array_flip(['facts', 'words', 'ahead_of_utc_s', 'local_end_clocks', 'sizes']));
    }

    /** The exposure in seconds, above 0, also from a number in quotes; null if unknown. */
    public function exposure(HeaderCards $cards): ?float
    {
        foreach ($this->table['facts']['exposure'] as $keyword) {
            $seconds = $cards->writtenNumber($keyword);
            if ($seconds !== null && $seconds > 0.0 && $seconds <= self::MAX_EXPOSURE) {
                return $seconds;
            }
        }

        return null;
    }

    /** The cards that may have the exposure, for people to read. */
    public function exposureCards(): string
    {
        $cards = $this->table['facts']['exposure'];
        $last = array_pop($cards);

        return implode(', ', $cards) . " or {$last}";
    }

    /**
     * What a frame is that is no light frame, with its card; null for a light frame, or one that does not say. Only
     * IMAGETYP must have a word for light: the other cards have further meanings in other programs.
     */
    public function otherKind(HeaderCards $cards): ?string
    {
        foreach ($this->table['facts']['kind'] as $keyword) {
            $kind = $cards->text($keyword);
            if ($kind === null) {
                continue;
            }
            $isOther = self::has($kind, $this->table['words']['no_light']);
            if ($isOther || ($keyword === 'IMAGETYP' && !self::has($kind, $this->table['words']['light']))) {
                return "{$keyword} is \"{$kind}\"";
            }
        }

        return null;
    }

    /** Whether the model of the telescope is one whose DATE-OBS is the end of the exposure in local time. */
    public function hasLocalEndClock(HeaderCards $cards): bool
    {
        foreach ($this->table['local_end_clocks']['cards'] as $keyword) {
            $name = preg_replace('/[^A-Z0-9]/', '', strtoupper($cards->text($keyword) ?? ''));
            foreach ($this->table['local_end_clocks']['models'] as $model) {
                if (str_starts_with((string) $name, $model)) {
                    return true;
                }
            }
        }

        return false;
    }

    /** Whether it is from the wide-angle camera of a telescope that has two. */
    public function isWide(HeaderCards $cards): bool
    {
        return $cards->logical('WIDECAM') === true || $cards->writtenNumber('WIDECAM') === 1.0
            || $cards->text('WIDECAM') === 'T' || $cards->text('CAMERA') === 'WIDE';
    }

    /** Which card says that a frame was made of several, with its value; null if none does. */
    public function combined(HeaderCards $cards, float $exposure): ?string
    {
        $images = $cards->number('NIMAGES');
        if ($images !== null && $images !== 0.0) {
            return "NIMAGES {$images}";
        }
        foreach ($this->table['facts']['combined_frames'] as $keyword) {
            $count = $cards->number($keyword);
            if ($count !== null && $count > 1.0) {
                return "{$keyword} {$count}";
            }
        }
        $live = $cards->number('LIVETIME');  // the exposure of all of them

        return $live !== null && $live > 1.5 * $exposure ? "LIVETIME {$live} s, EXPTIME {$exposure} s" : null;
    }

    /**
     * The Bayer pattern at the first pixel, null for a sensor without colours. A card that says TRUE leaves it to the
     * next.
     *
     * @throws FrameRefused when the pattern is unknown
     */
    public function pattern(HeaderCards $cards): ?string
    {
        $unknown = null;
        foreach ($this->table['facts']['pattern'] as $keyword) {
            $name = strtoupper($cards->text($keyword) ?? '');
            if (in_array($name, $this->table['words']['patterns'], true)) {
                return self::moved($name, self::isOdd($cards, 'XBAYROFF'), self::isOdd($cards, 'YBAYROFF'));
            }
            if ($name !== '' && !in_array($name, $this->table['words']['no_pattern'], true)) {
                $unknown ??= $name;
            }
        }
        if ($unknown !== null) {
            throw FrameRefused::badHeader(
                "The Bayer pattern is \"{$unknown}\"; the known ones are "
                . implode(', ', $this->table['words']['patterns']) . '.'
            );
        }

        return null;
    }

    /** @param list<string> $words lower case */
    private static function has(string $text, array $words): bool
    {
        $lower = strtolower($text);

        return array_filter($words, static fn (string $word): bool => str_contains($lower, $word)) !== [];
    }

    private static function moved(string $pattern, bool $across, bool $down): string
    {
        [$a, $b, $c, $d] = str_split($pattern);
        [$a, $b, $c, $d] = $across ? [$b, $a, $d, $c] : [$a, $b, $c, $d];

        return $down ? $c . $d . $a . $b : $a . $b . $c . $d;
    }

    /** Whether the number in a card is odd, with its fraction cut off. */
    private static function isOdd(HeaderCards $cards, string $keyword): bool
    {
        return (int) fmod($cards->number($keyword) ?? 0.0, 2.0) !== 0;
    }
}
