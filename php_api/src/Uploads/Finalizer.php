<?php

declare(strict_types=1);

namespace CrowdSky\Uploads;

use CrowdSky\Accounts\User;
use CrowdSky\Base\Refusal;
use CrowdSky\Chunks\ChunkGrouping;
use CrowdSky\Chunks\Frame;
use CrowdSky\Chunks\FrameGroup;
use CrowdSky\Database\Database;
use CrowdSky\Storage\RawStore;

/**
 * Closes an upload session and queues a job for each chunk of its subs.
 *
 * Everything happens in one transaction that starts by closing the session, so two calls cannot queue anything twice,
 * no sub arrives in between, and a call that is repeated because its answer was lost gets the same answer.
 */
final class Finalizer
{
    public function __construct(
        private readonly Database $database,
        private readonly UploadSessions $sessions,
        private readonly ChunkGrouping $grouping,
        private readonly ChunkPlacement $placement,
        private readonly RawStore $raws,
    ) {
    }

    /** @throws Refusal when there is no such session, or nothing was uploaded in it */
    public function finalize(User $user, string $token): FinalizedUpload
    {
        $session = $this->sessions->find($user, $token);
        if (!in_array($session?->status, [UploadSession::UPLOADING, UploadSession::COMPLETE], true)) {
            throw Refusal::notFound('There is no such upload session, or it has expired. Start a new upload.');
        }
        $this->database->transaction(function () use ($session, $user): void {
            if ($this->sessions->close($session)) {
                $this->lockOwner($session);
                $this->placeSubs($session, $user);
            }
        });
        $this->removeSpareFiles($session);

        return $this->outcome($session);
    }

    /**
     * Locks the owner: two of their sessions may hold the same chunk, and the second waits until the first is queued.
     */
    private function lockOwner(UploadSession $session): void
    {
        $this->database->execute('UPDATE users SET session_epoch = session_epoch WHERE id = ?', [$session->userId]);
    }

    private function placeSubs(UploadSession $session, User $user): void
    {
        $subs = [];
        $rows = $this->database->all(
            'SELECT * FROM raw_files WHERE upload_session_id = ? AND deleted_at IS NULL ORDER BY fits_date_obs, id',
            [$session->id]
        );
        foreach ($rows as $row) {
            $subs[(int) $row['id']] = RawSub::fromRow($row);
        }
        if ($subs === []) {
            throw Refusal::badInput('Nothing was uploaded in this session yet. Add at least one sub.', 'empty_session');
        }
        $frames = array_map(fn (RawSub $sub): Frame => $sub->frame, array_values($subs));
        foreach ($this->grouping->group($frames) as $group) {
            $this->placement->place($session, $user, $this->subsOf($group, $subs));
        }
    }

    /**
     * @param array<int, RawSub> $subs by id
     * @return non-empty-list<RawSub>
     */
    private function subsOf(FrameGroup $group, array $subs): array
    {
        return array_map(fn (Frame $frame) => $subs[$frame->id], $group->frames);
    }

    /** Runs after the commit, so that a file goes only when nothing can bring its row back. */
    private function removeSpareFiles(UploadSession $session): void
    {
        $spare = $this->database->all(
            'SELECT id, storage_name FROM raw_files
              WHERE upload_session_id = ? AND deleted_at IS NOT NULL AND storage_name IS NOT NULL',
            [$session->id]
        );
        $this->database->forgettable(function () use ($spare): void {
            foreach ($spare as $row) {
                $this->raws->delete($row['storage_name']);
                $this->database->execute('UPDATE raw_files SET storage_name = NULL WHERE id = ?', [$row['id']]);
            }
        });
    }

    private function outcome(UploadSession $session): FinalizedUpload
    {
        $jobs = $this->database->all(
            'SELECT j.id, j.chunk_key FROM stacking_jobs j
              WHERE j.id IN (SELECT f.job_id FROM raw_files f WHERE f.upload_session_id = ?) ORDER BY j.id',
            [$session->id]
        );
        $skipped = $this->database->all(
            'SELECT DISTINCT chunk_key FROM raw_files WHERE upload_session_id = ? AND job_id IS NULL ORDER BY chunk_key',
            [$session->id]
        );

        return new FinalizedUpload(
            array_map('intval', array_column($jobs, 'id')),
            array_column($jobs, 'chunk_key'),
            array_column($skipped, 'chunk_key'),
        );
    }
}
