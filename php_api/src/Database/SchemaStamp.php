<?php

declare(strict_types=1);

namespace CrowdSky\Database;

use CrowdSky\Base\Clock;

/**
 * Remembers in a file that the schema was found up to date, so that not every request has to ask the server.
 *
 * It counts for a short time only: a database that was put back from an older backup is noticed without it.
 */
final class SchemaStamp
{
    private const COUNTS_SECONDS = 60;

    /** @param string $subject the database and the migrations it was compared with, in any form that changes with them */
    public function __construct(
        private readonly string $file,
        private readonly string $subject,
        private readonly Clock $clock,
    ) {
    }

    public function isFresh(): bool
    {
        [$subject, $until] = explode("\n", (string) @file_get_contents($this->file)) + ['', '0'];
        return $subject === $this->hash() && $this->seconds() < (int) $until && (int) $until <= $this->seconds() + self::COUNTS_SECONDS;
    }

    /** A folder that cannot be written is no reason to fail here: the schema is asked for again then. */
    public function renew(): void
    {
        $until = $this->seconds() + self::COUNTS_SECONDS;
        @file_put_contents($this->file, "{$this->hash()}\n$until\n", LOCK_EX);
    }

    private function seconds(): int
    {
        return intdiv($this->clock->milliseconds(), 1000);
    }

    private function hash(): string
    {
        return hash('sha256', $this->subject);
    }
}
