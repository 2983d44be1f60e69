<?php

declare(strict_types=1);

namespace CrowdSky\Adoption;

use CrowdSky\Base\Clock;
use CrowdSky\Custody\ArchiveId;
use CrowdSky\Database\Database;
use CrowdSky\Fits\StoredParts;
use CrowdSky\Jobs\Job;
use CrowdSky\Jobs\JobKind;
use CrowdSky\Jobs\JobStatus;
use CrowdSky\Jobs\JobStore;
use CrowdSky\Storage\ObjectMissing;
use CrowdSky\Storage\ObjectStorage;
use CrowdSky\Workers\TrustLevel;

/**
 * Decides which job a found stack belongs to. A number alone proves nothing: after a restored backup, numbers are used
 * again; so the subs of the stack are compared with those of the job.
 */
final class Placements
{
    public function __construct(
        private readonly Database $database,
        private readonly JobStore $jobs,
        private readonly ObjectStorage $storage,
        private readonly ArchiveId $archive,
        private readonly Clock $clock,
    ) {
    }

    public function of(FoundStack $stack, int $ownerId): Placement
    {
        $twin = $this->adoptedBefore($stack);
        if ($twin !== null) {
            return $this->unlessLost($this->jobs->get($twin));
        }
        $number = $stack->facts->jobId;
        $job = $this->jobs->find($number);
        if ($job === null) {
            return $this->wasDeleted($number) && $stack->archiveId === $this->archive->id
                ? Placement::leave("job $number was deleted by its owner")
                : Placement::add($number);
        }
        $isSame = $job->userId === $ownerId && $job->chunkKey === $stack->name->chunkKey;
        if ($isSame && $job->kind === JobKind::Uploaded) {
            return $this->besideUploaded($job);
        }
        if (!$isSame || $job->kind !== JobKind::Stack) {
            return Placement::add(null);
        }
        return $job->status === JobStatus::Completed ? $this->besideArchived($stack, $job) : $this->forUnfinished($stack, $job);
    }

    /**
     * The session that stands for the upload of the stack's subs, which no storage keeps. The same upload always gets
     * the same token, and with it the database refuses a second row for one job.
     */
    public static function sessionToken(FoundStack $stack): string
    {
        $origin = [$stack->archiveId ?? '', (string) $stack->name->userId, $stack->facts->upload];
        return substr(hash('sha256', "adopted\n" . implode("\n", $origin)), 0, 32);
    }

    /** Names the job that made a stack, the same for all its results. */
    public static function jobKey(FoundStack $stack): string
    {
        return self::sessionToken($stack) . ' ' . $stack->facts->columns['group_key'];
    }

    private function adoptedBefore(FoundStack $stack): ?int
    {
        $id = $this->database->value(
            'SELECT j.id FROM stacking_jobs j JOIN upload_sessions s ON s.id = j.upload_session_id
              WHERE s.session_token = ? AND j.group_key = ?',
            [self::sessionToken($stack), $stack->facts->columns['group_key']],
        );
        return $id === null ? null : (int) $id;
    }

    /** Numbers of deleted jobs are in the audit trail only. */
    private function wasDeleted(int $number): bool
    {
        return $this->database->value('SELECT id FROM job_events WHERE job_id = ? AND event = ? LIMIT 1', [$number, 'deleted']) !== null;
    }

    private function besideArchived(FoundStack $stack, Job $job): Placement
    {
        $subs = $this->subsOf($job);
        $isSameLight = $subs === [] ? $this->sharesSubs($stack, $job) : self::holdsAll($stack, $subs);
        return $isSameLight ? $this->unlessLost($job) : Placement::add(null);
    }

    /** All results of such a job have the light of the one file that was uploaded. */
    private function besideUploaded(Job $job): Placement
    {
        return $job->status === JobStatus::Completed
            ? $this->unlessLost($job)
            : Placement::leave("job {$job->id}, whose stack was uploaded, has not ended well; let it run again");
    }

    /** A rescan puts its stack in the place of the first one, which goes; an older database knows only that one. */
    private function unlessLost(Job $job): Placement
    {
        $path = $this->database->value('SELECT ucloud_path FROM stacked_frames WHERE job_id = ?', [$job->id]);
        return $path !== null && $this->storage->size($path) === null
            ? Placement::replaceLost($job)
            : Placement::leave("another result of job {$job->id}, which has its stack");
    }

    private function forUnfinished(FoundStack $stack, Job $job): Placement
    {
        $subs = $this->subsOf($job);
        if ($subs === [] || !self::holdsAll($stack, $subs)) {
            return Placement::add(null);
        }
        return match (true) {
            // Its policy decides about the results of volunteers; a file in storage says nothing about who has agreed.
            $this->isVolunteers($job) => Placement::leave("a volunteer has worked on job {$job->id}; let it run again"),
            $job->status === JobStatus::Processing && !$this->isLeaseOver($job) => Placement::leave("a worker is busy with job {$job->id}; adopt again when it is done"),
            $job->status === JobStatus::Cancelled => Placement::leave("job {$job->id} was cancelled; queue it again first"),
            default => Placement::complete($job),
        };
    }

    /** A backup has leases that ran out long ago; no claim has taken those jobs back yet. */
    private function isLeaseOver(Job $job): bool
    {
        return $job->leaseExpiresAt !== null && $job->leaseExpiresAt <= $this->clock->milliseconds();
    }

    private function isVolunteers(Job $job): bool
    {
        $scopes = (string) $this->database->value('SELECT scopes FROM api_keys WHERE id = ?', [$job->apiKeyId ?? 0]);
        return $job->nHeld > 0 || str_contains($scopes, TrustLevel::Volunteer->value);
    }

    /** @return list<list<string>> hashes of each sub of the job: of the file, and of the copy without position */
    private function subsOf(Job $job): array
    {
        $rows = $this->database->all('SELECT sha256, public_sha256 FROM raw_files WHERE job_id = ? AND left_out IS NULL', [$job->id]);
        return array_map(static fn (array $row): array => array_values(array_filter($row)), $rows);
    }

    /** @param list<list<string>> $subs */
    private static function holdsAll(FoundStack $stack, array $subs): bool
    {
        $isMissing = static fn (array $hashes): bool => array_intersect($hashes, $stack->frameHashes) === [];
        return array_filter($subs, $isMissing) === [];
    }

    /** Compares with the archived stack of a job whose subs the database does not know, since it was adopted too. */
    private function sharesSubs(FoundStack $stack, Job $job): bool
    {
        $row = $this->database->one('SELECT ucloud_path, file_size_bytes FROM stacked_frames WHERE job_id = ?', [$job->id]);
        if ($row === null) {
            return false;
        }
        try {
            $archived = StoredParts::of($this->storage, $row['ucloud_path'], (int) $row['file_size_bytes'])->frameHashes();
        } catch (ObjectMissing) {
            $archived = [];
        }
        // Stacks that are gone or do not list their subs are told apart by owner, chunk and number only.
        return $archived === [] || $stack->frameHashes === [] || array_intersect($archived, $stack->frameHashes) !== [];
    }
}
