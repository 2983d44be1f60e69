<?php

declare(strict_types=1);

namespace CrowdSky\Cleanup;

/**
 * What a search for orphans found.
 */
final class OrphanReport
{
    public int $orphans = 0;
    public int $orphanBytes = 0;
    public int $deleted = 0;
    /** Files of the archive, and those that cleanup will delete in its own time. */
    public int $referred = 0;
    /** Files of jobs that a worker is busy with. */
    public int $running = 0;
    /** Files too new to judge, and those whose age the storage does not report. */
    public int $young = 0;
    /** Files that no run known to this database has written. */
    public int $unknown = 0;
    /** Files with names that the site does not generate. */
    public int $foreign = 0;

    public function asText(): string
    {
        return "orphans: {$this->orphans} ({$this->orphanBytes} bytes), deleted: {$this->deleted}; kept: {$this->referred} in the archive, "
            . "{$this->running} of running jobs, {$this->young} too young, {$this->unknown} of unknown runs, {$this->foreign} with other names\n";
    }
}
