<?php

declare(strict_types=1);

namespace CrowdSky\Cleanup;

use CrowdSky\Custody\Custody;
use CrowdSky\Jobs\JobEvents;
use CrowdSky\Results\StackDamage;
use CrowdSky\Storage\StorageUnavailable;

/**
 * Passes on which stacks were found missing or changed, unless the storage as a whole is in doubt: a share that is not
 * mounted makes every stack missing and damages none.
 */
final class FoundDamage
{
    private ?bool $isOurs = null;

    public function __construct(
        private readonly Custody $custody,
        private readonly StackDamage $damage,
        private readonly JobEvents $events,
    ) {
    }

    public function record(int $jobId, string $path, string $finding): void
    {
        if ($this->isOurs()) {
            $this->damage->record($jobId, $path, $finding);
        } else {
            $this->events->recordOnce($jobId, 'system', StackDamage::FOUND, $finding);
        }
    }

    public function clear(int $jobId, string $path): void
    {
        $this->damage->clear($jobId, $path);
    }

    private function isOurs(): bool
    {
        try {
            return $this->isOurs ??= $this->custody->look() === null;
        } catch (StorageUnavailable) {
            return false;
        }
    }
}
