<?php

declare(strict_types=1);

namespace CrowdSky\Stacks;

use CrowdSky\Accounts\User;
use CrowdSky\Database\Database;

/** All that the site knows of one account, as JSON that is written piece by piece. Secrets and their hashes are left out. */
final class AccountExport
{
    /** Name in the document => query for the rows; its parameter is the account. */
    private const LISTS = [
        'telescope_time_zones' => 'SELECT telescope, time_zone FROM telescope_zones WHERE user_id = ? ORDER BY telescope',
        'telescope_positions' => 'SELECT * FROM telescope_positions WHERE user_id = ? ORDER BY telescope',
        'keys' => 'SELECT name, key_hint, scopes, created_at, last_used_at, last_ip, expires_at, revoked_at
            FROM api_keys WHERE user_id = ? ORDER BY id',
        'logins' => 'SELECT device, created_at, last_seen_at, last_ip FROM logins WHERE user_id = ? ORDER BY id',
        'uploads' => 'SELECT id, status, created_at, last_activity_at, finalized_at FROM upload_sessions WHERE user_id = ? ORDER BY id',
        'subs' => 'SELECT id, upload_session_id AS upload_id, job_id, filename, file_size_bytes, sha256, fits_date_obs, fits_exptime, fits_ra,
            fits_dec, fits_object, telescope, instrument, filter_name, created_at, deleted_at FROM raw_files WHERE user_id = ? ORDER BY id',
        'jobs' => 'SELECT id, kind, upload_session_id AS upload_id, status, chunk_key, object_name, frame_count, telescope, filter_name,
            error_message, created_at, started_at, completed_at FROM stacking_jobs WHERE user_id = ? ORDER BY id',
        'stacks' => 'SELECT id, job_id, chunk_key, chunk_key_hp, object_name, file_size_bytes, sha256, n_frames_input, n_frames_aligned,
            total_exptime, date_obs_start, date_obs_end, ra_deg, dec_deg, n_stars_detected, telescope, filter_name, visibility, created_at
            FROM stacked_frames WHERE user_id = ? ORDER BY id',
    ];

    public function __construct(private readonly Database $database)
    {
    }

    /** Prints the document. */
    public function write(User $user): void
    {
        $account = $this->database->one(
            'SELECT id, username, email, email_verified_at, role, stacks_public, share_position, quota_bytes, series_seconds, created_at,
                    last_login_at FROM users WHERE id = ?',
            [$user->id]
        );
        echo '{"account": ', self::json($account ?? []);
        foreach (self::LISTS as $name => $sql) {
            echo ",\n\"$name\": [";
            $before = "\n";
            foreach ($this->database->each($sql, [$user->id]) as $row) {
                echo $before, self::json($row);
                $before = ",\n";
            }
            echo ']';
        }
        echo "}\n";
    }

    /** @param array<string, mixed> $row */
    private static function json(array $row): string
    {
        return json_encode($row, JSON_THROW_ON_ERROR | JSON_INVALID_UTF8_SUBSTITUTE | JSON_UNESCAPED_SLASHES | JSON_UNESCAPED_UNICODE);
    }
}
