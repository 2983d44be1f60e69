<?php

declare(strict_types=1);

namespace CrowdSky\Database;

use CrowdSky\Base\Clock;

/**
 * Records in a file that the schema is up to date, so that not every request has to ask the server.
 *
 * It is valid only briefly, so that a database restored from an older backup is noticed.
 */
final class SchemaStamp
{
    private const COUNTS_SECONDS = 60;

    /** @param string $subject any text that changes with the database or the migrations */
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

    /** If the file cannot be written, the schema is simply checked again by the next request. */
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
