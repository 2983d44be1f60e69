<?php

declare(strict_types=1);

namespace CrowdSky\Timekeeping;

use CrowdSky\Base\Clock;
use CrowdSky\Database\Database;
use CrowdSky\Database\Engine;
use CrowdSky\Storage\DiskClock;

/**
 * Reads the clocks that can be compared with the site's own, and for how long the machine has been running.
 */
final class ClockReader
{
    public function __construct(
        private readonly Clock $clock,
        private readonly Database $database,
        private readonly string $folder,
    ) {
    }

    public function read(): ClockReading
    {
        $wall = $this->clock->now()->getTimestamp();
        $uptime = (string) @file_get_contents('/proc/uptime');
        return new ClockReading(
            $wall,
            trim((string) @file_get_contents('/proc/sys/kernel/random/boot_id')) ?: null,
            $uptime === '' ? null : (int) $uptime,
            $wall - ($this->databaseTime() ?? $wall),
            $wall - (DiskClock::now($this->folder) ?? $wall),
        );
    }

    /** SQLite has no clock of its own. */
    private function databaseTime(): ?int
    {
        return $this->database->engine === Engine::MariaDb ? (int) $this->database->value('SELECT UNIX_TIMESTAMP()') : null;
    }
}
