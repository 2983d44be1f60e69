<?php

declare(strict_types=1);

namespace CrowdSky\Uploads;

use CrowdSky\Accounts\User;
use CrowdSky\Database\Database;
use CrowdSky\Jobs\JobStatus;

/**
 * Which files a user need not send, by their SHA-256: finalize would leave them out, or they are here already.
 *
 * Whether an exposure is in a job is decided as in finalize, so that a file that was left out because its light was in
 * another job counts as known as long as that job is there, and not longer.
 */
final class KnownFrames
{
    /** In an upload that still takes files. */
    public const UPLOADED = 'uploaded';
    /** In a job that waits or runs. */
    public const QUEUED = 'queued';
    public const STACKED = 'stacked';
    /** Its light is in a job, from another file. */
    public const LEFT_OUT = 'left_out';
    /** In a job that failed or was cancelled and has its subs still. */
    public const FAILED = 'failed';

    /** Values in one query. */
    private const BATCH = 200;

    public function __construct(private readonly Database $database)
    {
    }

    /**
     * @param list<string> $hashes lower-case hex
     * @param UploadSession|null $session an upload whose files count too
     * @return array<string, string> state by SHA-256 of those that are known
     */
    public function states(User $user, array $hashes, ?UploadSession $session): array
    {
        $rows = $this->rows($user, $hashes);
        $subs = array_map(RawSub::fromRow(...), $rows);
        $earlier = new EarlierLight($this->database, $user->id, array_values($subs));
        $light = array_filter(array_map(fn (RawSub $sub) => $earlier->stackedAs($sub) ?? $earlier->waitingAs($sub), $subs));
        $jobs = $this->jobStates(array_map(fn (SameLight $same) => (int) $same->first->jobId, $light));
        $states = $session?->status === UploadSession::UPLOADING ? $this->uploaded($session) : [];
        $states = array_intersect_key($states, array_flip($hashes)) + $this->stopped($user, $hashes);
        foreach ($light as $sha256 => $same) {
            $isDone = $jobs[(int) $same->first->jobId] === JobStatus::Completed->value;
            $states[$sha256] = match (true) {
                $same->first->exposure->sha256 !== (string) $sha256 => self::LEFT_OUT,
                default => $isDone ? self::STACKED : self::QUEUED,
            };
        }

        return $states;
    }

    /**
     * Which of many files may be known, so that hashing the others can be spared: a file that is known has the same start
     * and size as itself.
     *
     * @param list<array{string, int}> $files start in stored form, and bytes
     * @return list<int> places in the list
     */
    public function candidates(User $user, array $files): array
    {
        $isHere = [];
        foreach (array_chunk(array_values(array_unique(array_column($files, 0))), self::BATCH) as $batch) {
            $marks = implode(', ', array_fill(0, count($batch), '?'));
            $rows = $this->database->all(
                "SELECT DISTINCT fits_date_obs, file_size_bytes FROM raw_files WHERE user_id = ? AND fits_date_obs IN ($marks)",
                [$user->id, ...$batch]
            );
            foreach ($rows as $row) {
                $isHere["{$row['fits_date_obs']} {$row['file_size_bytes']}"] = true;
            }
        }

        return array_keys(array_filter($files, static fn (array $file): bool => isset($isHere["$file[0] $file[1]"])));
    }

    /**
     * In which upload that still takes files these are.
     *
     * @param list<string> $hashes
     * @return array<string, string> token of the latest such upload, by SHA-256
     */
    public function openUploads(User $user, array $hashes): array
    {
        $rows = $this->inBatches(
            $hashes,
            fn (string $marks) => "SELECT f.sha256, u.session_token FROM raw_files f JOIN upload_sessions u ON u.id = f.upload_session_id
                WHERE f.user_id = ? AND f.sha256 IN ($marks) AND f.deleted_at IS NULL AND u.status = ? ORDER BY f.id",
            $user,
            [UploadSession::UPLOADING]
        );

        return array_map(fn (array $row) => (string) $row['session_token'], $rows);
    }

    /**
     * @param list<string> $hashes
     * @return array<string, array<string, mixed>> the latest row of each file by its SHA-256
     */
    private function rows(User $user, array $hashes): array
    {
        return $this->inBatches(
            $hashes,
            fn (string $marks) => "SELECT f.* FROM raw_files f JOIN upload_sessions u ON u.id = f.upload_session_id
                WHERE f.user_id = ? AND f.sha256 IN ($marks) AND u.status = ? ORDER BY f.id",
            $user,
            [UploadSession::COMPLETE]
        );
    }

    /**
     * @param list<string> $hashes
     * @return array<string, string>
     */
    private function stopped(User $user, array $hashes): array
    {
        $found = $this->inBatches(
            $hashes,
            fn (string $marks) => "SELECT f.sha256 FROM raw_files f JOIN stacking_jobs j ON j.id = f.job_id
                WHERE f.user_id = ? AND f.sha256 IN ($marks) AND f.deleted_at IS NULL AND j.status IN (?, ?)",
            $user,
            [JobStatus::Failed->value, JobStatus::Cancelled->value]
        );

        return array_map(fn () => self::FAILED, $found);
    }

    /** @return array<string, string> */
    private function uploaded(UploadSession $session): array
    {
        $rows = $this->database->all(
            'SELECT sha256 FROM raw_files WHERE upload_session_id = ? AND deleted_at IS NULL',
            [$session->id]
        );

        return array_fill_keys(array_column($rows, 'sha256'), self::UPLOADED);
    }

    /**
     * @param array<int> $ids
     * @return array<int, string> status by id
     */
    private function jobStates(array $ids): array
    {
        $states = [];
        foreach (array_chunk(array_values(array_unique($ids)), self::BATCH) as $batch) {
            $marks = implode(', ', array_fill(0, count($batch), '?'));
            $states += array_column($this->database->all("SELECT id, status FROM stacking_jobs WHERE id IN ($marks)", $batch), 'status', 'id');
        }

        return $states;
    }

    /**
     * @param list<string> $hashes
     * @param \Closure(string): string $query the question for that many placeholders
     * @param list<string> $values those behind the hashes
     * @return array<string, array<string, mixed>> rows by SHA-256, the last of each
     */
    private function inBatches(array $hashes, \Closure $query, User $user, array $values): array
    {
        $found = [];
        foreach (array_chunk($hashes, self::BATCH) as $batch) {
            $marks = implode(', ', array_fill(0, count($batch), '?'));
            $rows = $this->database->all($query($marks), [$user->id, ...$batch, ...$values]);
            $found = array_column($rows, null, 'sha256') + $found;
        }

        return $found;
    }
}
