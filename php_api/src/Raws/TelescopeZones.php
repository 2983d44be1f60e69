<?php

declare(strict_types=1);

namespace CrowdSky\Raws;

use CrowdSky\Base\Refusal;
use CrowdSky\Database\Database;
use CrowdSky\Fits\HeaderClock;

/** The time zones of telescopes that write local time and name no zone, as their owners say. */
final class TelescopeZones
{
    public function __construct(private readonly Database $database)
    {
    }

    /**
     * The telescopes with local times of which an owner has uploaded subs, with their zones.
     *
     * @return array<string, string|null> time zone by TELESCOP, which may be empty; null where it is not known
     */
    public function ofOwner(int $userId): array
    {
        $rows = $this->database->all(
            "SELECT DISTINCT COALESCE(r.telescope, '') AS telescope, z.time_zone FROM raw_files r
               LEFT JOIN telescope_zones z ON z.user_id = r.user_id AND z.telescope = COALESCE(r.telescope, '')
              WHERE r.user_id = ? AND r.header_clock IN (?, ?) ORDER BY 1",
            [$userId, HeaderClock::Local->value, HeaderClock::LocalEnd->value]
        );

        return array_column($rows, 'time_zone', 'telescope');
    }

    /** @return list<string> the telescopes of an owner whose zone is not known */
    public function missing(int $userId): array
    {
        return array_map('strval', array_keys(array_filter($this->ofOwner($userId), static fn (?string $zone): bool => $zone === null)));
    }

    /** @return list<string> those telescopes of an upload whose zone is not known and whose subs are still to be stacked */
    public function missingIn(int $sessionId): array
    {
        $rows = $this->database->all(
            "SELECT DISTINCT COALESCE(r.telescope, '') AS telescope FROM raw_files r
               LEFT JOIN telescope_zones z ON z.user_id = r.user_id AND z.telescope = COALESCE(r.telescope, '')
               LEFT JOIN stacking_jobs j ON j.id = r.job_id
              WHERE r.upload_session_id = ? AND r.header_clock IN (?, ?) AND z.time_zone IS NULL
                AND r.deleted_at IS NULL AND r.left_out IS NULL AND (j.id IS NULL OR j.completed_at IS NULL)
              ORDER BY 1",
            [$sessionId, HeaderClock::Local->value, HeaderClock::LocalEnd->value]
        );

        return array_map('strval', array_column($rows, 'telescope'));
    }

    /**
     * Sets the zone of a telescope; it applies to subs that are handed out from now on.
     *
     * @param string $zone empty if it is not known
     * @throws Refusal for a telescope of which there are no such subs, or a zone that nobody knows
     */
    public function set(int $userId, string $telescope, string $zone): void
    {
        if (!array_key_exists($telescope, $this->ofOwner($userId))) {
            throw Refusal::badInput('You have no subs with local times of this telescope');
        }
        if ($zone !== '' && !in_array($zone, LocalTime::zones(), true)) {
            throw Refusal::badInput("'time_zone' must be a name such as Europe/Vienna", 'no_zone')->at('time_zone');
        }
        $this->database->transaction(function () use ($userId, $telescope, $zone): void {
            $this->database->execute('DELETE FROM telescope_zones WHERE user_id = ? AND telescope = ?', [$userId, $telescope]);
            if ($zone !== '') {
                $this->database->execute(
                    'INSERT INTO telescope_zones (user_id, telescope, time_zone) VALUES (?, ?, ?)',
                    [$userId, $telescope, $zone]
                );
            }
        });
    }
}
