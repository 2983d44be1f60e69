<?php

declare(strict_types=1);

namespace CrowdSky\Uploads;

use CrowdSky\Accounts\User;
use CrowdSky\Base\Logger;
use CrowdSky\Base\Refusal;
use CrowdSky\Chunks\Closeness;
use CrowdSky\Database\Database;
use CrowdSky\Storage\RawStore;

/**
 * Closes an upload session and queues a job for each chunk of its subs.
 *
 * The subs are grouped first, while others may write. All that is written is written in one transaction that starts
 * by closing the session and looks whether a sub has arrived since, so two calls cannot queue anything twice, no sub is
 * left out, and a call that is repeated because its answer was lost gets the same answer.
 */
final class Finalizer
{
    /** Groupings of a session to which subs are still being added. */
    private const TRIES = 5;

    public function __construct(
        private readonly Database $database,
        private readonly UploadSessions $sessions,
        private readonly Closeness $closeness,
        private readonly ChunkPlacement $placement,
        private readonly RawStore $raws,
        private readonly Logger $log,
    ) {
    }

    /**
     * Repeating it changes nothing, whatever the second wish.
     *
     * @param User $user whose session it is
     * @param string|null $actor for the audit trail, if somebody else ends the upload
     * @throws Refusal when there is no such session, or nothing was uploaded in it
     */
    public function finalize(User $user, string $token, FinalizeWish $wish = new FinalizeWish(), ?string $actor = null): FinalizedUpload
    {
        $session = $this->sessions->find($user, $token);
        if (!in_array($session?->status, [UploadSession::UPLOADING, UploadSession::COMPLETE], true)) {
            throw Refusal::notFound('There is no such upload session, or it has expired. Start a new upload.');
        }
        for ($try = 1; !$this->isQueued($session, $actor ?? $user->actor(), $wish); $try++) {
            if ($try === self::TRIES) {
                throw Refusal::unavailable('Subs are still arriving in this session; submit it when all of them are there', 1);
            }
        }
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

    /** Queues what the session holds, and returns false if that has changed in the meantime. */
    private function isQueued(UploadSession $session, string $actor, FinalizeWish $wish): bool
    {
        if ($session->status === UploadSession::COMPLETE) {
            return true;
        }
        $subs = $this->subsOf($session);
        $light = UploadedLight::of(array_values($subs), $this->closeness);
        try {
            $this->database->transaction(function () use ($session, $actor, $subs, $light, $wish): void {
                if (!$this->sessions->close($session)) {
                    return;
                }
                $this->lockOwner($session);
                if ($this->idsOf($session) !== array_keys($subs)) {
                    throw new SubsChanged();
                }
                if ($subs === []) {
                    throw Refusal::badInput('Nothing was uploaded in this session yet. Add at least one sub.', 'empty_session');
                }
                if ($wish->hidesPosition) {
                    $this->database->execute('UPDATE raw_files SET hides_position = 1 WHERE upload_session_id = ?', [$session->id]);
                }
                $this->placement->place($session, $actor, $light, $wish);
            });
        } catch (SubsChanged) {
            return false;
        }
        $this->log->info('upload submitted', [
            'session' => $session->id,
            'subs' => count($subs),
            'chunks' => count($light->chunks),
            'copies' => count($light->copies),
            'comparisons' => $this->closeness->comparisons,
        ]);

        return true;
    }

    /** @return array<int, RawSub> by id, in order of time */
    private function subsOf(UploadSession $session): array
    {
        $subs = [];
        foreach ($this->rowsOf($session, '*') as $row) {
            $subs[(int) $row['id']] = RawSub::fromRow($row);
        }

        return $subs;
    }

    /** @return list<int> in order of time */
    private function idsOf(UploadSession $session): array
    {
        return array_map('intval', array_column($this->rowsOf($session, 'id'), 'id'));
    }

    /** @return list<array<string, mixed>> */
    private function rowsOf(UploadSession $session, string $columns): array
    {
        return $this->database->all(
            "SELECT $columns FROM raw_files WHERE upload_session_id = ? AND deleted_at IS NULL ORDER BY fits_date_obs, id",
            [$session->id]
        );
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
            'SELECT j.id, j.chunk_key, j.chunk_key_hp FROM stacking_jobs j
              WHERE j.id IN (SELECT f.job_id FROM raw_files f WHERE f.upload_session_id = ?) ORDER BY j.id',
            [$session->id]
        );
        $queued = $this->database->all(
            'SELECT DISTINCT job_id FROM raw_files WHERE upload_session_id = ? AND job_id IS NOT NULL AND left_out IS NULL ORDER BY job_id',
            [$session->id]
        );
        $skipped = $this->database->all(
            'SELECT DISTINCT chunk_key, chunk_key_hp FROM raw_files
              WHERE upload_session_id = ? AND job_id IS NULL AND left_out IS NULL ORDER BY chunk_key, chunk_key_hp',
            [$session->id]
        );

        return new FinalizedUpload(
            array_map('intval', array_column($jobs, 'id')),
            array_map('intval', array_column($queued, 'job_id')),
            array_column($jobs, 'chunk_key'),
            array_column($jobs, 'chunk_key_hp'),
            array_values(array_unique(array_column($skipped, 'chunk_key'))),
            array_values(array_unique(array_column($skipped, 'chunk_key_hp'))),
            $this->database->all(
                'SELECT filename, left_out AS reason FROM raw_files WHERE upload_session_id = ? AND left_out IS NOT NULL ORDER BY id',
                [$session->id]
            ),
        );
    }
}
