<?php

declare(strict_types=1);

namespace CrowdSky\Trust;

use CrowdSky\Jobs\Job;
use CrowdSky\Jobs\JobKind;
use CrowdSky\Jobs\LeaseHolder;
use CrowdSky\Workers\TrustLevel;

/**
 * Decides whether a verified result is published or waits for a second opinion.
 *
 * A trusted or standard worker's result is published at once; a volunteer's once another result agrees, or when the
 * key has earned it and the result is not drawn for a check.
 */
final class TrustPolicy
{
    /**
     * @param int $probation results in a row that others must confirm before most of a key's results are published at once
     * @param int $checkEvery after probation, one result in this many is held all the same; 0 means none
     * @param \Closure(): float $random a number from 0 up to, but not including, 1
     */
    public function __construct(
        private readonly int $probation,
        private readonly int $checkEvery,
        private readonly \Closure $random,
    ) {
    }

    /** Whether the figures of a new result are needed: to decide about it, or to judge the results that wait. */
    public static function needsFigures(Job $job, LeaseHolder $holder): bool
    {
        return $job->nHeld > 0 || $holder->level === TrustLevel::Volunteer;
    }

    /**
     * @param ResultFigures|null $figures of the new result; null when needsFigures() does not ask for them
     * @param list<HeldResult> $waiting results of the same frames
     */
    public function decide(JobKind $kind, LeaseHolder $holder, ?ResultFigures $figures, array $waiting): Publish|Hold
    {
        if ($figures === null || $holder->level !== TrustLevel::Volunteer) {
            return new Publish();
        }
        if ($waiting === []) {
            return $kind === JobKind::Stack && $this->wantsOpinion($holder->agreedInRow) ? new Hold($figures, null) : new Publish();
        }
        $differences = array_map(static fn (HeldResult $one): array => Agreement::mutual($figures, $one->figures), $waiting);
        return in_array([], $differences, true)
            ? new Publish(isConfirmed: true)
            : new Hold($figures, implode('; ', array_merge(...$differences)));
    }

    /** @param int $agreedInRow results of the key in a row that others agreed with */
    private function wantsOpinion(int $agreedInRow): bool
    {
        return $agreedInRow < $this->probation
            || ($this->checkEvery > 0 && ($this->random)() * $this->checkEvery < 1.0);
    }
}
