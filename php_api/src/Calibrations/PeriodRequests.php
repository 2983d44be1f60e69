<?php

declare(strict_types=1);

namespace CrowdSky\Calibrations;

use CrowdSky\Base\Clock;
use CrowdSky\Base\Utc;
use CrowdSky\Database\Database;
use CrowdSky\Database\DuplicateKey;

/**
 * Stars for which readers asked for a search for periods: the next calibration of their field searches them whether or
 * not they vary beyond their errors, and so does every later one.
 */
final class PeriodRequests
{
    public function __construct(private readonly Database $database, private readonly Clock $clock)
    {
    }

    /** Asking again changes nothing: the time is that of the first request. */
    public function ask(int $starId): void
    {
        try {
            $this->database->insert('period_requests', ['star_id' => $starId, 'asked_at' => Utc::stored($this->clock->now())]);
        } catch (DuplicateKey) {
            return;
        }
    }

    /** @return string|null stored time of the first request; null when nobody asked */
    public function askedAt(int $starId): ?string
    {
        $time = $this->database->value('SELECT asked_at FROM period_requests WHERE star_id = ?', [$starId]);

        return $time === null ? null : (string) $time;
    }
}
