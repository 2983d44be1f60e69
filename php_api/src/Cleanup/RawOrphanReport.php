<?php

declare(strict_types=1);

namespace CrowdSky\Cleanup;

/** What a search for raw files without a row found. */
final class RawOrphanReport
{
    public int $orphans = 0;
    public int $orphanBytes = 0;
    public int $deleted = 0;
    /** Files of upload sessions that this database does not know. */
    public int $unknown = 0;

    /** Orphans that a later run may delete. */
    public int $waiting = 0;

    public function asText(): string
    {
        return "raw files without a row: {$this->orphans} ({$this->orphanBytes} bytes), deleted: {$this->deleted};"
            . " kept: {$this->waiting} for a later run, {$this->unknown} of unknown sessions\n";
    }
}
