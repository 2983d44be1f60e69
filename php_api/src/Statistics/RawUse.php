<?php

declare(strict_types=1);

namespace CrowdSky\Statistics;

use CrowdSky\Base\Utc;
use CrowdSky\Database\Database;
use CrowdSky\Jobs\JobStatus;

/** The subs that the site keeps: what for, for how long, and whose they are. */
final class RawUse
{
    /** Owners that are listed, those who keep most first. */
    private const MOST = 50;

    public function __construct(
        private readonly Database $database,
        private readonly int $graceHours,
        private readonly int $failedDays,
    ) {
    }

    /**
     * Subs by what they are kept for: `upload` (not yet in a job), `queue` (a job waits or runs), `done` (their stack is in
     * the archive) and `failed` (the job failed or was cancelled). Cleanup may delete the last two from `first` on, and all
     * of them at `last`; what has been due before now is deleted by one of the next cleanups.
     *
     * @return array<string, array{n: int, bytes: int, first: ?string, last: ?string}>
     */
    public function byPurpose(): array
    {
        $uses = array_fill_keys(['upload', 'queue', 'done', 'failed'], ['n' => 0, 'bytes' => 0, 'first' => null, 'last' => null]);
        $rows = $this->database->all(
            'SELECT j.status, COUNT(*) AS n, SUM(r.file_size_bytes) AS bytes, MIN(j.completed_at) AS earliest, MAX(j.completed_at) AS latest
               FROM raw_files r LEFT JOIN stacking_jobs j ON j.id = r.job_id WHERE r.deleted_at IS NULL GROUP BY j.status'
        );
        foreach ($rows as $row) {
            $status = JobStatus::tryFrom((string) $row['status']);
            $purpose = match ($status) {
                null => 'upload',
                JobStatus::Completed => 'done',
                JobStatus::Failed, JobStatus::Cancelled => 'failed',
                default => 'queue',
            };
            $seconds = ['done' => 3600 * $this->graceHours, 'failed' => 86400 * $this->failedDays][$purpose] ?? null;
            $uses[$purpose] = [
                'n' => $uses[$purpose]['n'] + (int) $row['n'],
                'bytes' => $uses[$purpose]['bytes'] + (int) $row['bytes'],
                'first' => self::least($uses[$purpose]['first'], self::after($row['earliest'], $seconds)),
                'last' => self::most($uses[$purpose]['last'], self::after($row['latest'], $seconds)),
            ];
        }

        return $uses;
    }

    /** @return list<array{name: string, bytes: int, quota: ?int}> who keeps how much; quota is null for the default */
    public function byOwner(): array
    {
        $rows = $this->database->all(
            'SELECT u.username AS name, t.bytes, u.quota_bytes AS quota FROM
                 (SELECT user_id, SUM(file_size_bytes) AS bytes FROM raw_files WHERE deleted_at IS NULL GROUP BY user_id) t
               JOIN users u ON u.id = t.user_id ORDER BY t.bytes DESC, u.id LIMIT ' . self::MOST
        );

        return array_map(static fn (array $row): array => [
            'name' => $row['name'],
            'bytes' => (int) $row['bytes'],
            'quota' => $row['quota'] === null ? null : (int) $row['quota'],
        ], $rows);
    }

    private static function after(?string $stored, ?int $seconds): ?string
    {
        return $stored === null || $seconds === null ? null : Utc::storedBefore(new \DateTimeImmutable($stored, new \DateTimeZone('UTC')), -$seconds);
    }

    private static function least(?string $one, ?string $other): ?string
    {
        return $one === null || $other === null ? $one ?? $other : min($one, $other);
    }

    private static function most(?string $one, ?string $other): ?string
    {
        return $one === null || $other === null ? $one ?? $other : max($one, $other);
    }
}
