<?php

declare(strict_types=1);

namespace CrowdSky\Raws;

use CrowdSky\Fits\HeaderClock;

/** What a worker must know to read the time of a frame, because the public copy of the header does not say it all. */
final class FrameClock
{
    public function __construct(
        private readonly HeaderClock $clock,
        /** by how much a local clock was ahead of UTC; null if that is unknown, or it is UTC */
        private readonly ?int $minutesAhead,
    ) {
    }

    /** @param array<string, mixed> $row of raw_files, with time_zone */
    public static function fromRow(array $row): ?self
    {
        $clock = HeaderClock::tryFrom($row['header_clock'] ?? '');
        if ($clock === null) {
            return null;
        }
        $zone = $clock->isLocal() ? $row['time_zone'] : null;

        return new self($clock, $zone === null ? null : LocalTime::minutesAhead($zone, $row['fits_date_obs']));
    }

    /** @return array<string, mixed> the field `clock` of an entry of job_files */
    public function toJson(): array
    {
        return [
            'local' => $this->clock->isLocal(),
            'at_end' => $this->clock->isAtEnd(),
            'utc_offset_minutes' => $this->minutesAhead,
        ];
    }
}
