<?php

declare(strict_types=1);

namespace CrowdSky\Timekeeping;

/**
 * Decides whether the site's clock can be believed when something is to be deleted by its age.
 *
 * While the machine runs, its uptime says how far the clock may have moved. After a restart the clock may be up to a day
 * ahead of the last cleanup, or more if the site has written something on every day between. A clock in doubt is believed
 * again when it agrees with the last run that was believed, when an operator confirms it, or when so much time has
 * certainly passed that whatever waited then is due by any clock.
 */
final class ClockJudge
{
    private const DAY = 86400;
    /** Seconds by which clocks may differ, and by which a clock may be corrected between two runs. */
    private const TOLERANCE = 600;
    /** Most seconds that count as passed between two runs where the uptime cannot be read. */
    private const UNPROVEN = 7200;

    public function __construct(
        private readonly ActivityTrail $trail,
        /** seconds after which everything that waited at the beginning of a doubt is due */
        private readonly int $longestWait,
    ) {
    }

    /** Returns the seconds that have certainly passed between two runs, whatever the clock says. */
    public static function passed(ClockReading $last, ClockReading $now): int
    {
        $byClock = max(0, $now->wall - $last->wall);
        return $now->uptimeSince($last) ?? min($byClock, $now->uptime ?? self::UNPROVEN, self::DAY);
    }

    /**
     * @param int $proven seconds that have certainly passed until now since the first run
     * @param CleanupRun|null $trusted the last run whose clock was believed
     * @param CleanupRun|null $last the last run of all
     * @return string|null what is wrong, as a sentence without its end
     */
    public function doubt(ClockReading $now, int $proven, ?CleanupRun $trusted, ?CleanupRun $last): ?string
    {
        return $this->disagreement('its database', $now->databaseOffset, $last->acceptedDatabaseOffset ?? 0)
            ?? $this->disagreement('the disk of its data folder', $now->diskOffset, $last->acceptedDiskOffset ?? 0)
            ?? ($trusted === null ? null : $this->jump($now, $proven, $trusted, $last === $trusted));
    }

    private function disagreement(string $other, int $offset, int $accepted): ?string
    {
        if (min(abs($offset), abs($offset - $accepted)) <= self::TOLERANCE) {
            return null;
        }
        return "the site's clock is " . self::duration($offset) . ($offset > 0 ? ' ahead of' : ' behind') . " that of $other";
    }

    private function jump(ClockReading $now, int $proven, CleanupRun $trusted, bool $isFirst): ?string
    {
        $certain = $proven - $trusted->provenSeconds;
        if ($certain >= $this->longestWait) {
            return null;
        }
        $lead = $now->wall - $trusted->reading->wall - $certain;
        $isSameBoot = $now->uptimeSince($trusted->reading) !== null;
        if ($lead < -self::TOLERANCE) {
            return 'the clock went back by ' . self::duration($lead) . ' since the last cleanup that could believe it';
        }
        if ($isSameBoot) {
            return $lead <= self::TOLERANCE
                ? null
                : 'the clock went ' . self::duration($lead) . ' further than the machine has been running since the last cleanup that could believe it';
        }
        if ($lead <= self::DAY || $isFirst && $this->trail->largestGap($trusted->reading->wall, $now->wall) <= self::DAY) {
            return null;
        }
        return 'the clock is ' . self::duration($lead) . ' ahead of the last cleanup that could believe it, and nothing shows that this time has passed';
    }

    private static function duration(int $seconds): string
    {
        $minutes = intdiv(abs($seconds), 60);
        return $minutes < 120 ? "$minutes minutes" : ($minutes < 2880 ? intdiv($minutes, 60) . ' hours' : intdiv($minutes, 1440) . ' days');
    }
}
