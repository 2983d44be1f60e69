<?php

declare(strict_types=1);

namespace CrowdSky\Fits;

/** The start of an exposure in UTC, independent of the server's time zone. */
final class ObservationTime
{
    private const GRAMMAR = '/^(\d{4})-(\d{2})-(\d{2})[T ](\d{2}):(\d{2}):(\d{2})(?:[.,](\d*))?'
        . '(Z|[+-]\d{2}:\d{2})?$/D';

    private const LAST_YEAR = 9999;
    /** 2017-01-01, since when the differences to UTC have held. */
    private const LAST_LEAP_SECOND = 1483228800;

    /** @param int $microsecond of the second, which blocks and labels do not count */
    private function __construct(private readonly \DateTimeImmutable $moment, public readonly int $microsecond)
    {
    }

    /**
     * Reads a DATE-OBS value: `YYYY-MM-DD`, `T` or one blank, `HH:MM:SS`, an optional fraction and an optional zone
     * (`Z`, `+hh:mm`); without a zone it is UTC. Blocks and labels count whole seconds. A leap second counts as the end
     * of the second before it.
     *
     * @param string $system value of TIMESYS
     * @param float $secondsOff seconds that come off, because the text is the end of the exposure
     * @throws FrameRefused when the text is not of that form, no such moment exists, or the time system is unknown
     */
    public static function parse(string $text, string $system = 'UTC', float $secondsOff = 0.0): self
    {
        if (!preg_match(self::GRAMMAR, $text, $match)) {
            throw FrameRefused::noObservationTime(sprintf(
                'DATE-OBS is "%s", but a time like 2025-03-27T01:20:32 is needed.',
                $text
            ));
        }
        [, $year, $month, $day, $hour, $minute, $second] = array_map('intval', array_slice($match, 0, 7));
        $zone = $match[8] ?? 'Z';
        if (
            !checkdate($month, $day, $year) || $year < 1900 || $hour > 23 || $minute > 59
            || $second > 60 || !self::isOffset($zone)
        ) {
            throw self::impossible($text);
        }
        $moment = (new \DateTimeImmutable('@0'))
            ->setTimezone(new \DateTimeZone($zone === 'Z' ? 'UTC' : $zone))
            ->setDate($year, $month, $day)
            ->setTime($hour, $minute, min($second, 59))
            ->setTimezone(new \DateTimeZone('UTC'));
        if ((int) $moment->format('Y') > self::LAST_YEAR) {
            throw self::impossible($text);  // its zone has pushed it beyond what a database can hold
        }

        $fraction = $second === 60 ? '999999' : substr(str_pad($match[7] ?? '', 6, '0'), 0, 6);

        return self::fromSystem($moment, (int) $fraction - (int) round($secondsOff * 1e6), $system);
    }

    /** @param int $microsecond microseconds that the moment lacks, or has too many if below 0 */
    private static function fromSystem(\DateTimeImmutable $moment, int $microsecond, string $system): self
    {
        $ahead = CardTable::facts()->aheadOfUtc[strtoupper($system)] ?? null;
        if ($ahead === null || ($ahead !== 0.0 && $moment->getTimestamp() < self::LAST_LEAP_SECOND)) {
            throw FrameRefused::noObservationTime(
                "The times of this sub are in TIMESYS \"{$system}\", not UTC, so it is not known when it was taken."
            );
        }
        $later = $microsecond - (int) round($ahead * 1e6);
        $seconds = (int) floor($later / 1_000_000);

        return new self($moment->setTimestamp($moment->getTimestamp() + $seconds), $later - 1_000_000 * $seconds);
    }

    /** `YYYY-MM-DD HH:MM:SS`, UTC: the form stored in the database. */
    public function sql(): string
    {
        return $this->moment->format('Y-m-d H:i:s');
    }

    /** `YYYY-MM-DDTHH:MM:SS`, UTC: the form FITS and the JSON answers use. */
    public function iso(): string
    {
        return $this->moment->format('Y-m-d\TH:i:s');
    }

    /** The moment as a Julian year, such as 2025.24. */
    public function julianYear(): float
    {
        // 2000-01-01T12:00 is the beginning of the year 2000.
        return 2000.0 + ($this->moment->getTimestamp() - 946728000) / (365.25 * 86400.0);
    }

    /** `YYYYMMDD.CC`: the UTC date and the number of the block of `$blockMinutes` in that day. */
    public function block(int $blockMinutes): string
    {
        $secondOfDay = $this->moment->getTimestamp() % 86400;
        if ($secondOfDay < 0) {
            $secondOfDay += 86400;  // before 1970
        }

        return sprintf('%s.%02d', $this->moment->format('Ymd'), intdiv($secondOfDay, $blockMinutes * 60));
    }

    private static function impossible(string $text): FrameRefused
    {
        return FrameRefused::noObservationTime(
            "DATE-OBS is \"{$text}\", and no such date or time exists. Check the telescope's clock."
        );
    }

    private static function isOffset(string $zone): bool
    {
        return $zone === 'Z' || ((int) substr($zone, 1, 2) <= 14 && (int) substr($zone, 4, 2) <= 59);
    }
}
