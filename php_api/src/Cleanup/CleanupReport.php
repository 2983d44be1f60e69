<?php

declare(strict_types=1);

namespace CrowdSky\Cleanup;

use CrowdSky\Timekeeping\CleanupRun;

/**
 * What a cleanup did, or would have done in a dry run.
 */
final class CleanupReport
{
    public int $expiredSessions = 0;
    public int $expiredRaws = 0;
    /** Expired sessions without any file, whose rows were deleted. */
    public int $emptySessions = 0;
    public int $expiredLeases = 0;
    public int $verifiedStacks = 0;
    /** Stacks that were not found intact; what was due because of them stays. */
    public int $unverifiedStacks = 0;
    public int $archivedRaws = 0;
    public int $abandonedRaws = 0;
    public int $replacedFiles = 0;
    /** Files deleted that had been in trash for long enough. */
    public int $trashedFiles = 0;
    public int $removedFiles = 0;
    public int $sweptFiles = 0;
    public int $removedFolders = 0;
    /** Rows of calibrations, series, tiles and exports that ended long ago. */
    public int $endedJobs = 0;
    /** Stacks whose stars were written into the archive. */
    public int $starStacks = 0;
    /** Stars of the list that no stack shows any more. */
    public int $forgottenStars = 0;
    /** Accounts deleted because their owners wanted it. */
    public int $deletedAccounts = 0;
    /** Why nothing is deleted from storage, as a sentence. */
    public ?string $doubt = null;

    public readonly bool $dryRun;

    public function __construct(public readonly CleanupRun $run)
    {
        $this->dryRun = $run->dryRun;
    }

    /** Writes one line for the terminal and the cron mail. */
    public function asText(): string
    {
        $line = "expired sessions: {$this->expiredSessions} ({$this->expiredRaws} raws), expired leases: {$this->expiredLeases}, "
            . "stacks verified: {$this->verifiedStacks} ({$this->archivedRaws} raws due), stacks NOT verified: {$this->unverifiedStacks}, "
            . "raws of failed or cancelled jobs: {$this->abandonedRaws}, files replaced by rescans: {$this->replacedFiles}, "
            . "trash: {$this->trashedFiles}, "
            . "files removed: {$this->removedFiles}, unfinished uploads swept: {$this->sweptFiles}, empty folders: {$this->removedFolders}, "
            . "rows of empty sessions: {$this->emptySessions}, rows of ended jobs: {$this->endedJobs}, stacks whose stars were read: {$this->starStacks}, "
            . "stars that no stack shows: {$this->forgottenStars}, accounts deleted: {$this->deletedAccounts}, due and left for a later run: {$this->run->waiting}"
            . ($this->run->doubt === null ? '' : "\nNOTHING DELETED BY ITS AGE: {$this->run->doubt}. If the clock is right, run cleanup --clock-is-right")
            . ($this->doubt === null ? '' : "\nNOTHING DELETED FROM STORAGE: {$this->doubt}");
        return ($this->dryRun ? 'dry run, nothing changed; would be: ' : '') . "$line\n";
    }
}
