<?php

declare(strict_types=1);

namespace CrowdSky\Stacks;

use CrowdSky\Accounts\User;
use CrowdSky\Database\Database;

/** All that the site knows of one account, as JSON that is written piece by piece. Secrets and their hashes are left out. */
final class AccountExport
{
    /** Rows that are held at a time: some clients of MariaDB keep all that a query finds. */
    private const BATCH = 1000;
    /** Name in the document => table and columns; tables without an id are small. */
    private const LISTS = [
        'telescope_time_zones' => ['telescope_zones', 'telescope, time_zone'],
        'telescope_positions' => ['telescope_positions', 'telescope, is_shared'],
        'keys' => ['api_keys', 'id, name, key_hint, scopes, created_at, last_used_at, last_ip, expires_at, revoked_at'],
        'logins' => ['logins', 'id, device, created_at, last_seen_at, last_ip'],
        'uploads' => ['upload_sessions', 'id, status, created_at, last_activity_at, finalized_at'],
        'subs' => ['raw_files', 'id, upload_session_id AS upload_id, job_id, filename, file_size_bytes, sha256, fits_date_obs, fits_exptime,
            fits_ra, fits_dec, fits_object, telescope, instrument, filter_name, created_at, deleted_at'],
        'jobs' => ['stacking_jobs', 'id, kind, upload_session_id AS upload_id, status, chunk_key, object_name, frame_count, telescope,
            filter_name, error_message, created_at, started_at, completed_at'],
        'stacks' => ['stacked_frames', 'id, job_id, chunk_key, chunk_key_hp, object_name, file_size_bytes, sha256, n_frames_input,
            n_frames_aligned, total_exptime, date_obs_start, date_obs_end, ra_deg, dec_deg, n_stars_detected, telescope, filter_name,
            visibility, created_at'],
    ];

    public function __construct(private readonly Database $database)
    {
    }

    /** @param \Closure(string): void $sink gets the document piece by piece */
    public function write(User $user, \Closure $sink): void
    {
        $account = $this->database->one(
            'SELECT id, username, email, email_verified_at, role, stacks_public, share_position, quota_bytes, series_seconds, created_at,
                    last_login_at FROM users WHERE id = ?',
            [$user->id]
        );
        $sink('{"account": ' . self::json($account ?? []) . ",\n\"second_factor\": " . self::json($this->secondFactor($user->id)));
        foreach (self::LISTS as $name => [$table, $columns]) {
            $sink(",\n\"$name\": [");
            $before = "\n";
            foreach ($this->rows($table, $columns, $user->id) as $row) {
                $sink($before . self::json($row));
                $before = ",\n";
            }
            $sink(']');
        }
        $sink("}\n");
    }

    /** @return array{is_on: bool, since: ?string, recovery_codes_left: int} without the secret and the codes themselves */
    private function secondFactor(int $userId): array
    {
        $since = $this->database->value('SELECT confirmed_at FROM second_factors WHERE user_id = ?', [$userId]);
        $codes = $this->database->value('SELECT COUNT(*) FROM recovery_codes WHERE user_id = ?', [$userId]);

        return ['is_on' => $since !== null, 'since' => $since, 'recovery_codes_left' => (int) $codes];
    }

    /** @return \Generator<array<string, mixed>> */
    private function rows(string $table, string $columns, int $userId): \Generator
    {
        if (!str_starts_with($columns, 'id,')) {
            yield from $this->database->all("SELECT $columns FROM $table WHERE user_id = ? ORDER BY telescope", [$userId]);

            return;
        }
        $last = 0;
        do {
            $rows = $this->database->all(
                "SELECT $columns FROM $table WHERE user_id = ? AND id > ? ORDER BY id LIMIT " . self::BATCH,
                [$userId, $last]
            );
            yield from $rows;
            $last = end($rows)['id'] ?? $last;
        } while (count($rows) === self::BATCH);
    }

    /** @param array<string, mixed> $row */
    private static function json(array $row): string
    {
        return json_encode($row, JSON_THROW_ON_ERROR | JSON_INVALID_UTF8_SUBSTITUTE | JSON_UNESCAPED_SLASHES | JSON_UNESCAPED_UNICODE);
    }
}
