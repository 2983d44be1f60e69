<?php

declare(strict_types=1);

namespace CrowdSky\Uploads;

use CrowdSky\Accounts\User;
use CrowdSky\Base\Clock;
use CrowdSky\Base\Refusal;
use CrowdSky\Base\Utc;
use CrowdSky\Database\Database;

/** Starts upload sessions and finds them by the token that only their owner knows. */
final class UploadSessions
{
    /** Open sessions without a file that a user may have; more than the tabs and clients of anybody. */
    private const MOST_EMPTY = 50;

    /** Rows that one start deletes at most, so that it never takes long. */
    private const DELETED_AT_ONCE = 100;

    public function __construct(private readonly Database $database, private readonly Clock $clock)
    {
    }

    /** Starts a session; where a user has begun very many without sending a file, the oldest of these end. */
    public function start(User $user): UploadSession
    {
        $token = bin2hex(random_bytes(16));
        $now = Utc::stored($this->clock->now());
        $id = $this->database->insert('upload_sessions', [
            'user_id' => $user->id,
            'session_token' => $token,
            'status' => UploadSession::UPLOADING,
            'created_at' => $now,
            'last_activity_at' => $now,
        ]);
        $this->endOldestEmpty($user);

        return new UploadSession($id, $user->id, $token, UploadSession::UPLOADING);
    }

    /** Returns the session with that token if it belongs to the user. */
    public function find(User $user, string $token): ?UploadSession
    {
        $row = $this->database->one(
            'SELECT id, user_id, session_token, status FROM upload_sessions WHERE session_token = ? AND user_id = ?',
            [$token, $user->id]
        );

        return $row === null ? null : UploadSession::fromRow($row);
    }

    /** @throws Refusal when there is no such session or it takes no more files */
    public function open(User $user, string $token): UploadSession
    {
        $session = $this->find($user, $token);
        if ($session?->status !== UploadSession::UPLOADING) {
            throw self::closed();
        }

        return $session;
    }

    /**
     * Marks the session as active and, inside a transaction, makes finalize wait until that ends.
     *
     * @throws Refusal when the session has been closed meanwhile
     */
    public function touch(UploadSession $session): void
    {
        $open = $this->database->execute(
            'UPDATE upload_sessions SET last_activity_at = ? WHERE id = ? AND status = ?',
            [Utc::stored($this->clock->now()), $session->id, UploadSession::UPLOADING]
        );
        if ($open === 0) {
            throw self::closed();
        }
    }

    /**
     * Closes the session; of several concurrent calls exactly one gets true.
     */
    public function close(UploadSession $session): bool
    {
        $now = Utc::stored($this->clock->now());

        return $this->database->execute(
            'UPDATE upload_sessions SET status = ?, finalized_at = ?, last_activity_at = ? WHERE id = ? AND status = ?',
            [UploadSession::COMPLETE, $now, $now, $session->id, UploadSession::UPLOADING]
        ) === 1;
    }

    /**
     * Ends a session that its owner does not want stacked; `$deleteSubs` marks its subs as deleted, in the same transaction.
     *
     * @param \Closure(int): mixed $deleteSubs gets the id of the session
     * @throws Refusal when there is no such session, or it was submitted for stacking
     */
    public function discard(User $user, string $token, \Closure $deleteSubs): UploadSession
    {
        $session = $this->find($user, $token) ?? throw self::closed();
        if ($session->status === UploadSession::DISCARDED) {
            return $session;
        }
        $this->database->transaction(function () use ($session, $deleteSubs): void {
            $ended = $this->database->execute(
                'UPDATE upload_sessions SET status = ?, last_activity_at = ? WHERE id = ? AND status = ?',
                [UploadSession::DISCARDED, Utc::stored($this->clock->now()), $session->id, UploadSession::UPLOADING]
            );
            if ($ended === 0) {
                throw Refusal::conflict('This upload has ended already. Its chunks can be cancelled on its page.');
            }
            $deleteSubs($session->id);
        });

        return $session;
    }

    /**
     * Lists what has arrived so far.
     *
     * @return list<array{filename: string, chunk_key: string|null, file_size_bytes: int, sha256: string}>
     */
    public function files(UploadSession $session): array
    {
        $rows = $this->database->all(
            'SELECT filename, chunk_key, file_size_bytes, sha256 FROM raw_files
              WHERE upload_session_id = ? AND deleted_at IS NULL ORDER BY id',
            [$session->id]
        );

        return array_map(fn (array $row) => [
            'filename' => (string) $row['filename'],
            'chunk_key' => $row['chunk_key'],
            'file_size_bytes' => (int) $row['file_size_bytes'],
            'sha256' => (string) $row['sha256'],
        ], $rows);
    }

    /**
     * Finds sessions whose subs have arrived but were not submitted for stacking, such as after a closed tab; newest first.
     *
     * @return list<array{id: int, token: string, files: int, bytes: int, last_activity_at: string}>
     */
    public function unfinished(User $user): array
    {
        $rows = $this->database->all(
            'SELECT s.id, s.session_token, s.last_activity_at, COUNT(*) AS files, SUM(f.file_size_bytes) AS bytes
               FROM upload_sessions s JOIN raw_files f ON f.upload_session_id = s.id AND f.deleted_at IS NULL
              WHERE s.user_id = ? AND s.status = ? GROUP BY s.id, s.session_token, s.last_activity_at
              ORDER BY s.id DESC LIMIT 3',
            [$user->id, UploadSession::UPLOADING]
        );

        return array_map(fn (array $row) => [
            'id' => (int) $row['id'],
            'token' => (string) $row['session_token'],
            'files' => (int) $row['files'],
            'bytes' => (int) $row['bytes'],
            'last_activity_at' => (string) $row['last_activity_at'],
        ], $rows);
    }

    private function endOldestEmpty(User $user): void
    {
        $empty = $this->database->all(
            'SELECT s.id FROM upload_sessions s WHERE s.user_id = ? AND s.status = ?
                AND NOT EXISTS (SELECT 1 FROM raw_files f WHERE f.upload_session_id = s.id)
              ORDER BY s.id DESC LIMIT ? OFFSET ?',
            [$user->id, UploadSession::UPLOADING, self::DELETED_AT_ONCE, self::MOST_EMPTY]
        );
        foreach ($empty as $row) {
            $this->deleteIfEmpty((int) $row['id']);
        }
    }

    /** Forgets a session to which no file has come. */
    public function forgetIfEmpty(UploadSession $session): void
    {
        $this->deleteIfEmpty($session->id);
    }

    private function deleteIfEmpty(int $id): void
    {
        $this->database->transaction(function () use ($id): void {
            // A file that is just being recorded holds the row; it is waited for, and the next statement sees it.
            $this->database->execute('UPDATE upload_sessions SET status = status WHERE id = ?', [$id]);
            $this->database->execute(
                'DELETE FROM upload_sessions WHERE id = ? AND status = ?
                    AND NOT EXISTS (SELECT 1 FROM raw_files f WHERE f.upload_session_id = upload_sessions.id)',
                [$id, UploadSession::UPLOADING]
            );
        });
    }

    private static function closed(): Refusal
    {
        return Refusal::notFound('There is no such upload session, or it takes no more files. Start a new upload.');
    }
}
