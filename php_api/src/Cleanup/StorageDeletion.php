<?php

declare(strict_types=1);

namespace CrowdSky\Cleanup;

use CrowdSky\Base\Logger;
use CrowdSky\Custody\CustodyInDoubt;
use CrowdSky\Custody\Fate;
use CrowdSky\Custody\Grounds;
use CrowdSky\Custody\Leftovers;
use CrowdSky\Custody\StorageGate;
use CrowdSky\Custody\TrashedObject;
use CrowdSky\Jobs\Job;
use CrowdSky\Storage\StorageUnavailable;

/**
 * Gets rid of results in storage for the steps of cleanup, which go on when the storage does not answer.
 */
final class StorageDeletion
{
    public function __construct(
        private readonly StorageGate $gate,
        private readonly Leftovers $leftovers,
        private readonly Logger $log,
    ) {
    }

    /**
     * @param \Closure(): Grounds $grounds
     * @throws CustodyInDoubt when nothing may be deleted or moved now
     * @throws StorageUnavailable when the file may still be there
     */
    public function discard(string $path, \Closure $grounds, string $why): Fate
    {
        return $this->gate->discard($path, $grounds, $why);
    }

    /** @param \Closure(): Grounds $grounds */
    public function fate(string $path, \Closure $grounds): Fate
    {
        return $this->gate->fate($path, $grounds);
    }

    /** @return bool false when the file may still be there, which is logged */
    public function deleteReplaced(int $stackId, string $path): bool
    {
        return $this->attempt(
            fn (): Fate => $this->gate->deletePublished($stackId, $path),
            "cleanup: the replaced file $path may be left in storage",
        );
    }

    /** @return bool false when the file may still be there, which is logged */
    public function deleteTrashed(TrashedObject $object): bool
    {
        return $this->attempt(
            fn () => $this->gate->deleteTrashed($object),
            "cleanup: {$object->trashPath} may be left in the trash",
        );
    }

    /**
     * Gets rid of what runs of a finished job have stored without completing it.
     *
     * @param \Closure(): Grounds $grounds asked only if there is something
     * @return bool false when something may still be there that should go, which is logged
     */
    public function deleteLeftovers(Job $job, \Closure $grounds): bool
    {
        return $this->attempt(
            fn () => $this->leftovers->remove($job, $grounds),
            "cleanup, job {$job->id}: results of earlier runs may be left in storage",
        );
    }

    /** @param \Closure(): mixed $delete */
    private function attempt(\Closure $delete, string $warning): bool
    {
        try {
            $delete();
        } catch (StorageUnavailable | CustodyInDoubt $error) {
            $this->log->warning("$warning: {$error->getPrevious()?->getMessage()}");
            return false;
        }
        return true;
    }
}
