<?php

declare(strict_types=1);

namespace CrowdSky\Hips;

use CrowdSky\Base\Clock;
use CrowdSky\Base\ConfigurationError;
use CrowdSky\Base\Refusal;
use CrowdSky\Base\Utc;
use CrowdSky\Database\Database;
use CrowdSky\Jobs\JobEvents;
use CrowdSky\Jobs\JobKind;
use CrowdSky\Jobs\JobStatus;
use CrowdSky\Stacks\PublicCopies;
use CrowdSky\Stacks\StackArchive;
use CrowdSky\Storage\ObjectMissing;

/**
 * Queues the cells of the HiPS whose stacks have changed since they were built, and removes those that have none left.
 */
final class HipsBuilds
{
    /** Below everything else: the picture can wait. */
    private const PRIORITY = -2;
    private const MAX_ATTEMPTS = 3;
    private const SESSION = 'hips';

    public function __construct(
        private readonly Database $database,
        private readonly HipsPlan $plan,
        private readonly HipsCells $cells,
        private readonly HipsPublication $publication,
        private readonly PublicCopies $copies,
        private readonly JobEvents $events,
        private readonly Clock $clock,
    ) {
    }

    /** @throws ConfigurationError when there is no admin, whose the jobs are */
    public function queue(): HipsReport
    {
        $report = new HipsReport();
        $built = $this->cells->fingerprints();
        $plan = $this->plan->cells();
        foreach (array_diff_key($built, $plan) as $cell => $_) {
            $this->publication->remove($cell);
            $report->removed++;
        }
        foreach ($plan as $cell => $hashes) {
            if (($built[$cell] ?? null) === HipsOrder::fingerprint($hashes)) {
                $report->current++;
            } elseif ($this->isQueued($cell)) {
                $report->waiting++;
            } else {
                $this->add($cell, $hashes, $report);
            }
        }
        if ($report->removed > 0) {
            $this->publication->describe();
        }
        return $report;
    }

    private function isQueued(int $cell): bool
    {
        return $this->database->value(
            'SELECT id FROM stacking_jobs WHERE kind = ? AND chunk_key = ? AND status IN (?, ?, ?)',
            [JobKind::Hips->value, HipsOrder::key($cell), JobStatus::Pending->value, JobStatus::Retry->value, JobStatus::Processing->value],
        ) !== null;
    }

    /** @param array<int, string> $hashes */
    private function add(int $cell, array $hashes, HipsReport $report): void
    {
        $stacks = [];
        foreach ($hashes as $id => $source) {
            $described = $this->describe($id, $source);
            if ($described === null) {
                $report->unreadable[] = $id;
            } else {
                $stacks[] = $described;
            }
        }
        $order = new HipsOrder($cell, $stacks);
        $now = Utc::stored($this->clock->now());
        $this->database->transaction(function () use ($cell, $order, $now, $stacks): void {
            [$userId, $sessionId] = $this->session($now);
            $key = HipsOrder::key($cell);
            $jobId = $this->database->insert('stacking_jobs', [
                'kind' => JobKind::Hips->value,
                'user_id' => $userId,
                'upload_session_id' => $sessionId,
                'status' => JobStatus::Pending->value,
                'priority' => self::PRIORITY,
                'chunk_key' => $key,
                'chunk_key_hp' => $key,
                'object_name' => "Region $cell of the sky",
                'time_block' => '',
                'group_key' => "$key-" . bin2hex(random_bytes(8)),
                'frame_count' => 0,
                // A worker has one of them at a time.
                'total_bytes' => max([0, ...array_column($stacks, 'size')]),
                'options' => $order->toJson(),
                'max_attempts' => self::MAX_ATTEMPTS,
                'created_at' => $now,
                'updated_at' => $now,
            ]);
            $this->events->record($jobId, 'system', 'created', 'tiles of ' . count($stacks) . ' stacks');
        });
        $report->queued++;
    }

    /** @return array{id: int, size: int, sha256: string, source: string}|null null for a stack that cannot be read */
    private function describe(int $id, string $source): ?array
    {
        $stack = (new StackArchive($this->database))->find($id);
        if ($stack === null || $stack->sha256 !== $source) {
            return null;
        }
        try {
            $copy = $this->copies->copyOf($stack);
            return ['id' => $id, 'size' => $copy->size(), 'sha256' => $this->copies->sha256($stack, $copy), 'source' => $source];
        } catch (Refusal | ObjectMissing) {
            return null;
        }
    }

    /** @return array{int, int} an admin, and the session that stands for an upload, which every job has */
    private function session(string $now): array
    {
        $row = $this->database->one('SELECT id, user_id FROM upload_sessions WHERE session_token = ?', [self::SESSION]);
        if ($row !== null) {
            return [(int) $row['user_id'], (int) $row['id']];
        }
        $admin = $this->database->value("SELECT MIN(id) FROM users WHERE role = 'admin'")
            ?? throw new ConfigurationError('Jobs belong to somebody; create an admin first, with create-user.php --admin');
        return [(int) $admin, $this->database->insert('upload_sessions', [
            'user_id' => (int) $admin,
            'session_token' => self::SESSION,
            'status' => 'complete',
            'created_at' => $now,
            'last_activity_at' => $now,
            'finalized_at' => $now,
        ])];
    }
}
