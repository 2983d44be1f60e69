<?php

declare(strict_types=1);

namespace CrowdSky\Timekeeping;

/**
 * What the clocks around the site say at one moment.
 */
final class ClockReading
{
    public function __construct(
        /** the site's clock, Unix time */
        public readonly int $wall,
        /** changes with every start of the machine; null where it cannot be read */
        public readonly ?string $bootId,
        /** seconds since the machine was started; null where it cannot be read */
        public readonly ?int $uptime,
        /** seconds by which the site's clock is ahead of its database's */
        public readonly int $databaseOffset,
        /** seconds by which the site's clock is ahead of that of the disk that holds the data folder */
        public readonly int $diskOffset,
    ) {
    }

    /** Returns the seconds that have passed since $earlier by the machine's own count; null after a restart. */
    public function uptimeSince(self $earlier): ?int
    {
        $isSameBoot = $this->bootId !== null && $this->bootId === $earlier->bootId
            && $this->uptime !== null && $earlier->uptime !== null && $this->uptime >= $earlier->uptime;
        return $isSameBoot ? $this->uptime - $earlier->uptime : null;
    }
}
