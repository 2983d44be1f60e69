<?php

declare(strict_types=1);

namespace CrowdSky\Cleanup;

/**
 * What reading the archive back has found.
 */
final class AuditReport
{
    public int $intact = 0;
    /** Those of them that the storage does not list. */
    public int $unlisted = 0;
    public int $missing = 0;
    public int $changed = 0;
    /** Those about which the storage gave no answer. */
    public int $unread = 0;
    /** Whether the run was stopped because the storage did not answer at all. */
    public bool $gaveUp = false;

    /** @param string $what was read */
    public function __construct(private readonly string $what = 'stacks')
    {
    }

    public function isClean(): bool
    {
        return $this->missing + $this->changed + $this->unread + $this->unlisted === 0;
    }

    public function asText(): string
    {
        $late = $this->unlisted > 0
            ? "; {$this->unlisted} of the intact are not listed: repeat --orphans, --adopt or site.php restored when all are"
            : '';
        $end = $this->gaveUp ? '; the storage does not answer, the rest was not read' : '';
        return "{$this->what} intact: {$this->intact}, missing: {$this->missing}, changed: {$this->changed}, could not be read: {$this->unread}$late$end\n";
    }
}
