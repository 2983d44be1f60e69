<?php

declare(strict_types=1);

namespace CrowdSky\Queue;

use CrowdSky\Base\Clock;
use CrowdSky\Base\Utc;
use CrowdSky\Database\Database;
use CrowdSky\Jobs\JobStatus;
use CrowdSky\Jobs\RetryDelay;

/**
 * Shortens leases and pauses that were recorded before the site's clock was set back: by the corrected clock they would
 * last that much longer, and a dead worker would keep its job for hours.
 *
 * Such a row was last changed in the future. Nothing is ever lengthened, and a living worker renews its lease as usual.
 * A lease that is long because lease_seconds was lowered is left alone.
 */
final class ClockCorrection
{
    private const BATCH = 50;

    public function __construct(
        private readonly Database $database,
        private readonly RetryDelay $delay,
        private readonly Clock $clock,
        private readonly int $leaseSeconds,
    ) {
    }

    /** Returns the latest end of any lease that was recorded with the current clock, in Unix milliseconds. */
    public function latestExpiry(): int
    {
        return $this->clock->milliseconds() + 1000 * ($this->leaseSeconds + Clock::TOLERANCE_SECONDS);
    }

    public function isDue(): bool
    {
        return (bool) $this->database->value(
            "SELECT EXISTS (SELECT 1 FROM stacking_jobs WHERE {$this->lateLease()})
                 OR EXISTS (SELECT 1 FROM stacking_jobs WHERE {$this->latePause()})",
            [...$this->lateLeaseValues(), ...$this->latePauseValues()],
        );
    }

    /** Shortens what lasts too long. Call it inside a transaction. */
    public function apply(): void
    {
        $now = $this->clock->milliseconds();
        $today = Utc::stored($this->clock->now());
        $this->database->execute(
            "UPDATE stacking_jobs SET lease_expires_at = ?, updated_at = ? WHERE {$this->lateLease()}",
            [$now + 1000 * $this->leaseSeconds, $today, ...$this->lateLeaseValues()],
        );
        $paused = $this->database->all(
            "SELECT id, attempts, not_before FROM stacking_jobs WHERE {$this->latePause()} ORDER BY id LIMIT " . self::BATCH,
            $this->latePauseValues(),
        );
        foreach ($paused as $row) {
            $until = min((int) $row['not_before'], $now + $this->delay->milliseconds((int) $row['attempts']));
            $this->database->execute(
                "UPDATE stacking_jobs SET not_before = ?, updated_at = ? WHERE id = ? AND {$this->latePause()}",
                [$until, $today, $row['id'], ...$this->latePauseValues()],
            );
        }
    }

    private function lateLease(): string
    {
        return 'status = ? AND lease_expires_at > ? AND updated_at > ?';
    }

    /** @return list<mixed> */
    private function lateLeaseValues(): array
    {
        return [JobStatus::Processing->value, $this->latestExpiry(), $this->soon()];
    }

    private function latePause(): string
    {
        return 'status = ? AND not_before > ? AND updated_at > ?';
    }

    /** @return list<mixed> */
    private function latePauseValues(): array
    {
        return [JobStatus::Retry->value, $this->clock->milliseconds(), $this->soon()];
    }

    private function soon(): string
    {
        return Utc::storedBefore($this->clock->now(), -Clock::TOLERANCE_SECONDS);
    }
}
