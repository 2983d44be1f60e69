<?php

declare(strict_types=1);

namespace CrowdSky\Cleanup;

use CrowdSky\Base\Logger;
use CrowdSky\Jobs\Job;
use CrowdSky\Results\Leftovers;
use CrowdSky\Storage\ObjectStorage;
use CrowdSky\Storage\StorageUnavailable;

/**
 * Deletes results from storage; every deletion of cleanup and of the search for orphans goes through here.
 */
final class StorageDeletion
{
    public function __construct(
        private readonly ObjectStorage $storage,
        private readonly Leftovers $leftovers,
        private readonly Logger $log,
    ) {
    }

    /** @throws StorageUnavailable when the file may still be there */
    public function delete(string $path): void
    {
        $this->storage->delete($path);
    }

    /** @return bool false when the file may still be there, which is logged */
    public function deleteReplaced(string $path): bool
    {
        return $this->attempt(fn () => $this->storage->delete($path), "cleanup: the replaced file $path may be left in storage");
    }

    /**
     * Deletes what runs of a finished job have stored without completing it.
     *
     * @return bool false when something may still be there, which is logged
     */
    public function deleteLeftovers(Job $job): bool
    {
        return $this->attempt(
            fn () => $this->leftovers->remove($job),
            "cleanup, job {$job->id}: results of earlier runs may be left in storage",
        );
    }

    /** @param \Closure(): void $delete */
    private function attempt(\Closure $delete, string $warning): bool
    {
        try {
            $delete();
        } catch (StorageUnavailable $error) {
            $this->log->warning("$warning: {$error->getPrevious()?->getMessage()}");
            return false;
        }
        return true;
    }
}
