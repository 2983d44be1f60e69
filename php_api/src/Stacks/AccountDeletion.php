<?php

declare(strict_types=1);

namespace CrowdSky\Stacks;

use CrowdSky\Accounts\Accounts;
use CrowdSky\Accounts\User;
use CrowdSky\Base\Clock;
use CrowdSky\Base\Logger;
use CrowdSky\Base\Refusal;
use CrowdSky\Base\Utc;
use CrowdSky\Database\Database;
use CrowdSky\Jobs\JobKind;
use CrowdSky\Kernel\App;
use CrowdSky\Raws\RawFrames;
use CrowdSky\Raws\RawServices;
use CrowdSky\Storage\StorageUnavailable;

/**
 * Deletes an account with all that is its own, or leaves its public stacks without a name.
 *
 * The account is locked at once. Stacks and raws go as when their owner deletes each job, so that storage and rows agree
 * at any moment; what cannot be deleted now is tried again by the next cleanup. The account's row goes last, or stays
 * without a name as the owner of what was kept.
 */
final class AccountDeletion
{
    private readonly Accounts $accounts;

    private function __construct(
        private readonly Database $database,
        private readonly Clock $clock,
        private readonly JobRemoval $removal,
        private readonly RawFrames $frames,
        private readonly Logger $log,
    ) {
        $this->accounts = new Accounts($database, $clock);
    }

    public static function of(App $app): self
    {
        return new self($app->database(), $app->clock(), JobRemoval::of($app), RawServices::of($app)->frames(), $app->log());
    }

    /**
     * Locks an account and enters it among those to be deleted.
     *
     * @param bool $keepsPublic whether its public stacks stay, without a name
     * @throws Refusal for the only admin, without whom nobody could look after the site
     */
    public function request(User $user, bool $keepsPublic): void
    {
        $others = "SELECT 1 FROM users WHERE role = 'admin' AND is_active = 1 AND id <> ?";
        if ($user->isAdmin() && $this->database->value($others, [$user->id]) === null) {
            throw Refusal::conflict('You are the only admin of this site. Make another one first.', 'only_admin');
        }
        $this->database->transaction(function () use ($user, $keepsPublic): void {
            $this->database->execute('DELETE FROM account_deletions WHERE user_id = ?', [$user->id]);
            $this->database->insert('account_deletions', [
                'user_id' => $user->id,
                'keeps_public' => $keepsPublic,
                'requested_at' => Utc::stored($this->clock->now()),
            ]);
            $this->accounts->setActive($user->id, false);
            $this->database->execute('DELETE FROM logins WHERE user_id = ?', [$user->id]);
        });
    }

    /** @return array{stacks: int, public: int, subs: int} what there is to be deleted or kept */
    public function counts(int $userId): array
    {
        return [
            'stacks' => (int) $this->database->value('SELECT COUNT(*) FROM stacked_frames WHERE user_id = ?', [$userId]),
            'public' => count($this->publicJobs($userId)),
            'subs' => (int) $this->database->value('SELECT COUNT(*) FROM raw_files WHERE user_id = ? AND deleted_at IS NULL', [$userId]),
        ];
    }

    /** @return list<int> numbers of the accounts that are to be deleted */
    public function due(): array
    {
        return array_map(intval(...), $this->database->column('SELECT user_id FROM account_deletions ORDER BY requested_at, user_id'));
    }

    /**
     * Goes on with the deletion of an account.
     *
     * @return bool whether it is done
     */
    public function proceed(int $userId): bool
    {
        $request = $this->database->one('SELECT keeps_public FROM account_deletions WHERE user_id = ?', [$userId]);
        $user = $this->accounts->find($userId);
        if ($request === null || $user === null) {
            return true;
        }
        $kept = $request['keeps_public'] ? $this->publicJobs($userId) : [];
        $this->endUploads($userId);
        $this->handOver($user);
        $isDone = $this->removeJobs($user, $kept);
        $this->removeRaws($kept);
        if (!$isDone || !$this->areFilesGone($userId)) {
            return false;
        }
        $this->finish($user, $kept !== []);

        return true;
    }

    /** @return list<int> jobs whose stacks everybody may see */
    private function publicJobs(int $userId): array
    {
        return array_map(intval(...), $this->database->column(
            "SELECT s.job_id FROM stacked_frames s JOIN users u ON u.id = s.user_id
              WHERE s.user_id = ? AND (s.visibility = 'public' OR (s.visibility = 'inherit' AND u.stacks_public = 1)) ORDER BY s.job_id",
            [$userId]
        ));
    }

    private function endUploads(int $userId): void
    {
        foreach ($this->database->column("SELECT id FROM upload_sessions WHERE user_id = ? AND status = 'uploading'", [$userId]) as $id) {
            $this->database->execute("UPDATE upload_sessions SET status = 'expired' WHERE id = ?", [$id]);
        }
        foreach ($this->database->column('SELECT id FROM upload_sessions WHERE user_id = ?', [$userId]) as $id) {
            $this->frames->markDeletedOfSession((int) $id);
        }
    }

    /** Gives the jobs of the archive, which an admin stands for, to another one. */
    private function handOver(User $user): void
    {
        $heir = $this->database->value("SELECT MIN(id) FROM users WHERE role = 'admin' AND is_active = 1 AND id <> ?", [$user->id]);
        $kinds = array_column(array_filter(JobKind::withoutStack(), static fn (JobKind $kind): bool => $kind !== JobKind::Series), 'value');
        $marks = implode(', ', array_fill(0, count($kinds), '?'));
        if ($heir !== null) {
            $this->database->execute("UPDATE stacking_jobs SET user_id = ? WHERE user_id = ? AND kind IN ($marks)", [$heir, $user->id, ...$kinds]);
            $this->database->execute("UPDATE upload_sessions SET user_id = ? WHERE user_id = ? AND session_token IN ($marks)", [$heir, $user->id, ...$kinds]);
        }
    }

    /**
     * @param list<int> $kept
     * @return bool false when something is left for later
     */
    private function removeJobs(User $user, array $kept): bool
    {
        $isDone = true;
        $jobIds = array_map(intval(...), $this->database->column(
            'SELECT id FROM stacking_jobs WHERE user_id = ? AND kind IN (?, ?) ORDER BY id',
            [$user->id, JobKind::Stack->value, JobKind::Uploaded->value]
        ));
        foreach (array_diff($jobIds, $kept) as $jobId) {
            try {
                $this->removal->remove($jobId, $user);
            } catch (StorageUnavailable | Refusal $error) {
                $this->log->warning("the deletion of an account waits: job $jobId stays for now", ['why' => $error->getMessage()]);
                $isDone = false;
            }
        }

        return $isDone;
    }

    /**
     * Deletes the raws of stacks that stay, and what their names tell.
     *
     * @param list<int> $kept
     */
    private function removeRaws(array $kept): void
    {
        foreach ($kept as $jobId) {
            $this->frames->deleteOfJob($jobId);
            foreach ($this->database->column('SELECT id FROM raw_files WHERE job_id = ?', [$jobId]) as $fileId) {
                $this->database->execute('UPDATE raw_files SET filename = ? WHERE id = ?', ["frame_$fileId.fits", $fileId]);
            }
        }
    }

    /** Rows of files that are still on the disk keep where they are; cleanup unlinks them. */
    private function areFilesGone(int $userId): bool
    {
        return $this->database->value(
            'SELECT 1 FROM raw_files WHERE user_id = ? AND job_id IS NULL AND storage_name IS NOT NULL LIMIT 1',
            [$userId]
        ) === null;
    }

    private function finish(User $user, bool $staysAsOwner): void
    {
        $this->database->transaction(function () use ($user, $staysAsOwner): void {
            $nobody = User::NOBODY . $user->id;
            $this->database->execute('UPDATE job_events SET actor = ? WHERE actor = ?', ["user:$nobody", $user->actor()]);
            foreach (['telescope_zones', 'telescope_positions', 'api_keys', 'logins', 'mailed_codes', 'second_factors', 'recovery_codes'] as $table) {
                $this->database->execute("DELETE FROM $table WHERE user_id = ?", [$user->id]);
            }
            $this->database->execute('DELETE FROM login_failures WHERE username = ?', [$user->username]);
            $this->database->execute('DELETE FROM raw_files WHERE user_id = ? AND job_id IS NULL', [$user->id]);
            $this->database->execute(
                'DELETE FROM upload_sessions WHERE user_id = ?
                    AND NOT EXISTS (SELECT 1 FROM stacking_jobs j WHERE j.upload_session_id = upload_sessions.id)
                    AND NOT EXISTS (SELECT 1 FROM raw_files f WHERE f.upload_session_id = upload_sessions.id)',
                [$user->id]
            );
            $this->database->execute('DELETE FROM account_deletions WHERE user_id = ?', [$user->id]);
            if (!$staysAsOwner) {
                $this->database->execute('DELETE FROM users WHERE id = ?', [$user->id]);

                return;
            }
            $this->database->execute("UPDATE stacked_frames SET visibility = 'public' WHERE user_id = ?", [$user->id]);
            $this->database->execute(
                "UPDATE users SET username = ?, email = NULL, email_verified_at = NULL, password_hash = '', role = 'user', is_active = 0,
                    share_position = 0, last_login_at = NULL WHERE id = ?",
                [$nobody, $user->id]
            );
        });
        $this->log->info('an account is deleted', ['user' => $user->id, 'public stacks stay' => $staysAsOwner]);
    }
}
