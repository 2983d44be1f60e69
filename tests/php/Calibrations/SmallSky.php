<?php

declare(strict_types=1);

namespace CrowdSky\Tests\Calibrations;

use CrowdSky\Base\Clock;
use CrowdSky\Database\Database;
use CrowdSky\Tests\Database\TestDatabase;

/** Stacks, their epochs and stars, written as rows into a database in memory. */
final class SmallSky
{
    public const NOW = '2026-07-01 20:00:00';

    public readonly Database $database;
    public readonly int $field;
    private int $count = 0;

    public function __construct(Clock $clock)
    {
        $this->database = TestDatabase::create($clock);
        $this->field = $this->field();
    }

    public function field(): int
    {
        return $this->database->insert('sky_fields', [
            'ra_deg' => 192.7, 'dec_deg' => 41.1, 'sky_pixel' => 1, 'sky_x' => 1.0, 'sky_y' => 0.0, 'sky_z' => 0.0, 'created_at' => self::NOW,
        ]);
    }

    public function user(string $name, string $role = 'user'): int
    {
        return $this->database->insert('users', ['username' => $name, 'password_hash' => 'not used', 'role' => $role, 'created_at' => self::NOW]);
    }

    /** @return array{int, int} a stack and its epoch */
    public function epoch(int $userId, string $visibility = 'public', ?int $field = null): array
    {
        $number = ++$this->count;
        $session = $this->database->insert('upload_sessions', [
            'user_id' => $userId, 'session_token' => "s$number", 'status' => 'complete', 'created_at' => self::NOW, 'last_activity_at' => self::NOW,
        ]);
        $common = ['user_id' => $userId, 'chunk_key' => "key$number", 'chunk_key_hp' => "key$number", 'created_at' => self::NOW];
        $job = $this->database->insert('stacking_jobs', $common + [
            'upload_session_id' => $session, 'status' => 'completed', 'time_block' => '', 'group_key' => "g$number",
            'frame_count' => 80, 'total_bytes' => 1, 'updated_at' => self::NOW,
        ]);
        $sha256 = hash('sha256', "stack $number");
        $stack = $this->database->insert('stacked_frames', $common + [
            'job_id' => $job, 'ucloud_path' => "/stacks/$number.fits", 'file_size_bytes' => 1, 'sha256' => $sha256, 'n_frames_input' => 80,
            'n_frames_aligned' => 78, 'verified_at' => self::NOW, 'visibility' => $visibility,
        ]);
        $epoch = $this->database->insert('epochs', [
            'stack_id' => $stack, 'field_id' => $field ?? $this->field, 'source_sha256' => $sha256, 'mjd_utc' => 61200.0 + $number,
            'bjd_tdb' => 2461200.5 + $number, 'airmass' => 1.25, 'exposure_s' => 800.0, 'n_subs' => 80, 'telescope' => 'S50_8a95aa90',
            'filter_name' => 'IRCUT', 'bands' => 'RGB', 'width' => 1920, 'height' => 1080, 'zero_point_g' => 21.5,
            'zero_point_error_g' => 0.05, 'fwhm_px' => 2.5, 'aperture_px' => 4.0, 'scale_arcsec' => 2.4, 'ingested_at' => self::NOW,
        ]);
        return [$stack, $epoch];
    }

    /** @param list<int> $epochs that see it */
    public function star(array $epochs, float $flux = 1000.0): int
    {
        $star = $this->database->insert('stars', [
            'ra_deg' => 192.7, 'dec_deg' => 41.1, 'position_year' => 2026.5, 'sky_pixel' => 1,
            'sky_x' => 1.0, 'sky_y' => 0.0, 'sky_z' => 0.0, 'created_at' => self::NOW,
        ]);
        foreach ($epochs as $epoch) {
            $this->observation($star, $epoch, $flux);
        }
        return $star;
    }

    public function observation(int $star, int $epoch, ?float $flux): void
    {
        $this->database->insert('star_observations', [
            'star_id' => $star, 'epoch_id' => $epoch, 'x' => 10.5, 'y' => 20.25, 'flux_r' => $flux, 'flux_g' => $flux, 'flux_b' => $flux,
            'error_r' => 5.0, 'error_g' => 5.0, 'error_b' => 5.0, 'fwhm_px' => 2.5, 'flags' => 1,
        ]);
    }

    /** @param array<int, float> $zeroPoints by epoch */
    public function calibration(int $owner, int $version, array $zeroPoints = [], ?int $field = null): int
    {
        $id = $this->database->insert('calibrations', [
            'field_id' => $field ?? $this->field, 'owner_id' => $owner, 'version' => $version, 'job_id' => 1, 'fingerprint' => str_repeat('0', 64),
            'path' => "/calibrations/$owner-$version.fits", 'file_size_bytes' => 1, 'sha256' => str_repeat('0', 64), 'sent_sha256' => str_repeat('0', 64), 'catalogue' => 'V of Tycho-2',
            'n_epochs' => count($zeroPoints), 'n_stars' => 0, 'model' => '{}', 'created_at' => self::NOW,
        ]);
        foreach ($zeroPoints as $epoch => $zeroPoint) {
            $this->database->insert('epoch_zero_points', [
                'calibration_id' => $id, 'epoch_id' => $epoch, 'band' => 'G', 'zero_point' => $zeroPoint, 'zero_point_error' => 0.01,
                'colour_term' => 0.1, 'u_term' => 0.02, 'v_term' => 0.03, 'uu_term' => 0.04, 'uv_term' => 0.05, 'vv_term' => 0.06,
                'floor_mag' => 0.004, 'n_stars' => 100,
            ]);
        }
        return $id;
    }
}
