<?php

declare(strict_types=1);

namespace CrowdSky\Uploads;

use CrowdSky\Base\Clock;
use CrowdSky\Base\Refusal;
use CrowdSky\Base\Utc;
use CrowdSky\Database\Database;

/** Uploads of all users that nobody has submitted for stacking, so that their chunks have no job. */
final class OpenUploads
{
    /** Seconds without a file after which an upload is taken for left alone. */
    public const QUIET_SECONDS = 600;
    private const MOST = 100;
    private const SELECT = 'SELECT s.id, s.session_token, s.user_id, s.last_activity_at, u.username, COUNT(*) AS files, SUM(f.file_size_bytes) AS bytes
          FROM upload_sessions s JOIN users u ON u.id = s.user_id JOIN raw_files f ON f.upload_session_id = s.id AND f.deleted_at IS NULL
         WHERE s.status = ?';
    private const GROUP = ' GROUP BY s.id, s.session_token, s.user_id, s.last_activity_at, u.username ORDER BY s.id DESC LIMIT ' . self::MOST;

    public function __construct(private readonly Database $database, private readonly Clock $clock)
    {
    }

    /** @return list<OpenUpload> latest first */
    public function all(): array
    {
        return array_map($this->upload(...), $this->database->all(self::SELECT . self::GROUP, [UploadSession::UPLOADING]));
    }

    /** @throws Refusal when there is none of this id, and while its owner may still be sending */
    public function get(int $id): OpenUpload
    {
        $row = $this->database->one(self::SELECT . ' AND s.id = ?' . self::GROUP, [UploadSession::UPLOADING, $id]);
        $upload = $row === null ? throw Refusal::notFound("Upload $id has no subs that wait for anybody") : $this->upload($row);

        return $upload->isBusy ? throw Refusal::conflict("The owner of upload $id may still be sending: a file came less than 10 minutes ago") : $upload;
    }

    /** @param array<string, mixed> $row */
    private function upload(array $row): OpenUpload
    {
        return new OpenUpload(
            id: (int) $row['id'],
            token: $row['session_token'],
            userId: (int) $row['user_id'],
            owner: $row['username'],
            files: (int) $row['files'],
            bytes: (int) $row['bytes'],
            lastActivityAt: $row['last_activity_at'],
            isBusy: $row['last_activity_at'] > Utc::storedBefore($this->clock->now(), self::QUIET_SECONDS),
        );
    }
}
