<?php

declare(strict_types=1);

namespace CrowdSky\Pages;

use CrowdSky\Fits\HeaderClock;
use CrowdSky\Jobs\Job;
use CrowdSky\Kernel\App;
use CrowdSky\Raws\LocalTime;
use CrowdSky\Raws\RawServices;
use CrowdSky\Stacks\Stack;

/** What is known of the times of a job whose subs have local times, and of its stack. */
final class StackClock
{
    /** What workers add to their note for those who stack by hand; the page has advice of its own. */
    private const ADVICE_BY_HAND = "; give --utc-offset, or set the telescope's time zone on the site";

    private function __construct(
        public readonly bool $isLocal,
        /** of the telescope as its owner says now; null if it is not known */
        public readonly ?string $zone,
        /** whether there is a stack, and it has no times in UTC because no zone was known when it was made */
        public readonly bool $isWithoutUtc,
        /** start of the first sub in local time, stored form; null for subs with times in UTC */
        public readonly ?string $localStart,
    ) {
    }

    /** @param Stack|null $stack that the job made */
    public static function of(App $app, Job $job, ?Stack $stack): self
    {
        if (HeaderClock::tryFrom($job->headerClock ?? '')?->isLocal() !== true) {
            return new self(false, null, false, null);
        }
        $zone = RawServices::of($app)->zones()->ofOwner($job->userId)[$job->telescope ?? ''] ?? null;
        $starts = array_column(RawServices::of($app)->frames()->listing($job->id), 'fits_date_obs');
        // In the hour that comes twice no zone gives a time.
        $readable = array_filter($starts, static fn (?string $start): bool => $start !== null
            && ($zone === null || LocalTime::minutesAhead($zone, $start) !== null));

        return new self(true, $zone, $stack !== null && $stack->dateObsStart === null && $readable !== [], $starts[0] ?? null);
    }

    /** A note of a worker without what only helps those who stack by hand. */
    public static function plainNote(string $note): string
    {
        return str_replace(self::ADVICE_BY_HAND, '', $note);
    }
}
