<?php

declare(strict_types=1);

namespace CrowdSky\Uploads;

use CrowdSky\Accounts\User;
use CrowdSky\Database\Database;
use CrowdSky\Hosts\HostIdentity;
use CrowdSky\Jobs\JobRevival;
use CrowdSky\Storage\RawStore;
use CrowdSky\Storage\SpooledFile;

/** The uploaded stacks of all users, each with the job that takes it into the archive. */
final class StackQueue
{
    public function __construct(
        private readonly Database $database,
        private readonly UploadSessions $sessions,
        private readonly Quota $quota,
        private readonly RawStore $raws,
        private readonly HostIdentity $host,
        private readonly JobRevival $revival,
        private readonly StackJobs $jobs,
    ) {
    }

    /**
     * Returns the job of a stack that was uploaded before; null when there is none, or when the file is needed again,
     * because what came of it is lost.
     */
    public function known(User $user, string $sha256, StackWish $wish): ?QueuedStack
    {
        $earlier = $this->jobs->ofFile($user->id, $sha256);
        if ($earlier === null || $earlier->needsFile) {
            return null;
        }
        if ($wish->hidesPosition) {
            $this->jobs->hidePosition($earlier->jobId);
        }

        return $earlier->answer();
    }

    public function add(User $user, DisplayName $name, SpooledFile $file, UploadedStack $stack, StackWish $wish, ?int $reservation): QueuedStack
    {
        $this->host->requireOwnFolder();
        $session = $this->sessions->start($user);
        $storageName = $this->raws->newName($user->id, $session->id);
        $this->raws->keep($file, $storageName);
        $isKept = false;
        try {
            $queued = $this->database->transaction(function () use ($user, $name, $file, $stack, $wish, $reservation, $session, $storageName, &$isKept): QueuedStack {
                $this->jobs->lockOwner($user);
                $earlier = $this->jobs->ofFile($user->id, $file->sha256);
                $isKept = $earlier === null || $earlier->needsFile;
                if (!$isKept) {
                    return $earlier->answer();
                }
                $this->sessions->close($session);
                $this->quota->redeem($user, $reservation, $file->size);
                $jobId = $earlier?->jobId ?? $this->jobs->create($user, $session, $name, $file, $stack);
                $this->jobs->keepFile($jobId, $user, $session, $name, $file, $storageName, $stack, $wish);
                if ($earlier !== null) {
                    $this->revival->revive($jobId, $user->actor(), 'what came of it is lost; the stack was uploaded again');
                }

                return new QueuedStack($jobId, $stack->key->healpixLabel, QueuedStack::QUEUED);
            });
        } catch (\Throwable $error) {
            $this->removeUnlessRecorded($storageName);
            throw $error;
        }
        if (!$isKept) {
            $this->raws->delete($storageName);
        }

        return $queued;
    }

    /** As SubStore does: the commit may have succeeded although its answer was lost. */
    private function removeUnlessRecorded(string $storageName): void
    {
        if (!$this->jobs->mayBeRecorded($storageName)) {
            $this->raws->delete($storageName);
        }
    }
}
