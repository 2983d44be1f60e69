<?php

declare(strict_types=1);

namespace CrowdSky\Cleanup\Steps;

use CrowdSky\Base\Clock;
use CrowdSky\Base\Utc;
use CrowdSky\Cleanup\CleanupReport;
use CrowdSky\Cleanup\CleanupStep;
use CrowdSky\Database\Database;
use CrowdSky\Raws\RawFrames;
use CrowdSky\Timekeeping\DueKind;
use CrowdSky\Timekeeping\DueMarks;

/**
 * Ends upload sessions that were never finalized, and deletes their frames. The last activity counts, so that a slow
 * upload that is still going on is left alone.
 */
final class ExpireUploads implements CleanupStep
{
    public function __construct(
        private readonly Database $database,
        private readonly RawFrames $raws,
        private readonly DueMarks $marks,
        private readonly Clock $clock,
        private readonly int $expiryHours,
    ) {
    }

    public function run(CleanupReport $report): void
    {
        $before = Utc::storedBefore($this->clock->now(), 3600 * $this->expiryHours);
        $sessions = $this->database->all("SELECT id FROM upload_sessions WHERE status = 'uploading' AND last_activity_at < ?", [$before]);
        $due = $this->marks->confirmed($report->run, DueKind::Upload, array_column($sessions, 'id'));
        foreach ($due as $id) {
            $report->expiredRaws += $report->dryRun ? $this->countRaws((int) $id) : $this->expire((int) $id, $before);
        }
        $report->expiredSessions = count($due);
    }

    /** @return int frames marked as deleted */
    private function expire(int $sessionId, string $before): int
    {
        return $this->database->transaction(function () use ($sessionId, $before): int {
            $expired = $this->database->execute(
                "UPDATE upload_sessions SET status = 'expired' WHERE id = ? AND status = 'uploading' AND last_activity_at < ?",
                [$sessionId, $before],
            );
            return $expired === 1 ? $this->raws->markDeletedOfSession($sessionId) : 0;
        });
    }

    private function countRaws(int $sessionId): int
    {
        return (int) $this->database->value(
            'SELECT COUNT(*) FROM raw_files WHERE upload_session_id = ? AND job_id IS NULL AND deleted_at IS NULL',
            [$sessionId],
        );
    }
}
