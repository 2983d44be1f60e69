<?php

declare(strict_types=1);

namespace CrowdSky\Adoption;

use CrowdSky\Accounts\Accounts;
use CrowdSky\Accounts\User;
use CrowdSky\Base\Refusal;
use CrowdSky\Database\Database;
use CrowdSky\Fits\StoredParts;
use CrowdSky\Results\ArchivedName;
use CrowdSky\Results\StackVerifier;
use CrowdSky\Storage\ObjectMissing;
use CrowdSky\Storage\ObjectStorage;
use CrowdSky\Storage\StorageUnavailable;
use CrowdSky\Storage\StoredObject;

/**
 * Takes stacks that lie in storage without a row back into the archive, after the database was lost or restored.
 *
 * It changes and deletes nothing in storage. Each stack is verified like a completion and written in a transaction of
 * its own, so that a run may be interrupted, and repeated, at any time.
 */
final class Adoption
{
    /** Times that a decision is made again because rows have changed meanwhile. */
    private const TRIES = 3;

    public function __construct(
        private readonly Database $database,
        private readonly ObjectStorage $storage,
        private readonly string $storageBase,
        private readonly Accounts $accounts,
        private readonly StackVerifier $verifier,
        private readonly Placements $placements,
        private readonly StackAdmission $admission,
    ) {
    }

    /**
     * @param User|null $fallback owner of stacks whose user has no account here; null leaves them
     * @param list<string>|null $own ids of this archive; null when stacks that were made for others are fine too
     * @param AdoptionReport $report of a dry run: everything is read and verified, and nothing is written
     * @throws StorageUnavailable when the storage cannot be listed or read; what was adopted by then stays
     */
    public function run(?User $fallback, ?array $own, AdoptionReport $report): void
    {
        $search = StackSearch::run($this->database, $this->storage, $this->storageBase);
        $report->referred = $search->referred();
        /** @var array<string, string> $taken jobs that have their stack now, by Placements::jobKey() */
        $taken = [];
        foreach ($search->unreferred() as [$object, $name]) {
            $owner = $this->accounts->find($name->userId) ?? $fallback;
            if ($owner === null) {
                $report->ownerless($object->path, "there is no account {$name->userId}; cleanup.php --adopt --owner NAME gives it to NAME");
                continue;
            }
            $stack = $this->read($object, $name, $search, $own, $report);
            if ($stack === null) {
                continue;
            }
            $key = Placements::jobKey($stack);
            if (isset($taken[$key])) {
                $report->left($stack->path, "another result of {$taken[$key]}, which has its stack");
                continue;
            }
            $as = $this->adopt($stack, $owner, $search->highestNumber(), $report);
            if ($as !== null) {
                $taken[$key] = $as;
            }
        }
    }

    /** @param list<string>|null $own ids of this archive; null when those of others are fine too */
    private function read(StoredObject $object, ArchivedName $name, StackSearch $search, ?array $own, AdoptionReport $report): ?FoundStack
    {
        try {
            // A listing may be late, and report the size of what was there before.
            $size = $this->storage->size($object->path) ?? throw new ObjectMissing($object->path);
            $parts = StoredParts::of($this->storage, $object->path, $size);
            $archive = $parts->primary()->text('ARCHID');
            if ($own !== null && $archive !== null && !in_array($archive, $own, true)) {
                $report->foreign($object->path, "made for archive $archive; cleanup.php --adopt --include-foreign adopts it too");
                return null;
            }
            return FoundStack::read($object->path, $name, $parts, $search);
        } catch (Refusal $refusal) {
            $report->damaged($object->path, $refusal->getMessage());
        } catch (ObjectMissing) {
            $report->left($object->path, 'it was moved or deleted meanwhile');
        }
        return null;
    }

    /** @return string|null what it was adopted as; null when it was not */
    private function adopt(FoundStack $stack, User $owner, int $above, AdoptionReport $report): ?string
    {
        $placement = $this->placements->of($stack, $owner->id);
        if ($placement->reason !== null) {
            $report->left($stack->path, $placement->reason);
            return null;
        }
        try {
            $result = $this->verifier->verify($placement->job, $stack->report);
        } catch (Refusal $refusal) {
            $report->damaged($stack->path, $refusal->getMessage());
            return null;
        }
        for ($try = 1; !$report->dryRun && $placement->reason === null; $try++) {
            $jobId = $this->admission->admit($stack, $result, $placement, $owner->id, $above);
            if ($jobId !== null) {
                $report->adopted($stack->path, "as job $jobId of {$owner->username}");
                return "job $jobId";
            }
            $placement = $try < self::TRIES
                ? $this->placements->of($stack, $owner->id)
                : Placement::leave('its rows are being changed by others; adopt again');
        }
        if ($placement->reason !== null) {
            $report->left($stack->path, $placement->reason);
            return null;
        }
        $report->adopted($stack->path, "as {$placement->label()} of {$owner->username}");
        return $placement->label();
    }
}
