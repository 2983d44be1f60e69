<?php

declare(strict_types=1);

namespace CrowdSky\Custody;

use CrowdSky\Database\IdSequence;
use CrowdSky\Storage\ObjectStorage;
use CrowdSky\Storage\RawStore;

/**
 * Makes a database that was restored from a backup the site's own again.
 *
 * Jobs went on after the backup, and their stacks lie in storage under numbers that the database would give out again.
 */
final class Restoration
{
    public function __construct(
        private readonly ObjectStorage $storage,
        private readonly RawStore $raws,
        private readonly IdSequence $sequence,
        private readonly Custody $custody,
        private readonly string $storageBase,
    ) {
    }

    /**
     * Raises the numbers of users, uploads and jobs above those in use, and then takes the storage over under a new id.
     *
     * @param string|null $lost id of an archive whose database is lost and that this one continues
     * @return array{UsedNumbers, ?Doubt} what was found; a doubt that remains
     * @throws \CrowdSky\Storage\StorageUnavailable when the storage does not do what it is asked; repeat it then
     */
    public function run(?string $lost): array
    {
        $used = UsedNumbers::find($this->storage, $this->raws, $this->storageBase);
        $this->sequence->raiseAbove('users', $used->user);
        $this->sequence->raiseAbove('upload_sessions', $used->uploadSession);
        $this->sequence->raiseAbove('stacking_jobs', $used->job);
        return [$used, $this->custody->takeOver($lost)];
    }
}
