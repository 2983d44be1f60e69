<?php

declare(strict_types=1);

namespace CrowdSky\Cleanup\Steps;

use CrowdSky\Cleanup\CleanupReport;
use CrowdSky\Cleanup\CleanupStep;
use CrowdSky\Database\Database;

/** Deletes the rows of expired and discarded upload sessions in which nothing had arrived: they record nothing. */
final class DeleteEmptySessions implements CleanupStep
{
    public function __construct(private readonly Database $database)
    {
    }

    public function run(CleanupReport $report): void
    {
        // Such a session takes no more files, so what is empty here stays empty.
        $empty = "FROM upload_sessions WHERE status IN ('expired', 'discarded')
            AND NOT EXISTS (SELECT 1 FROM raw_files f WHERE f.upload_session_id = upload_sessions.id)
            AND NOT EXISTS (SELECT 1 FROM stacking_jobs j WHERE j.upload_session_id = upload_sessions.id)";
        $report->emptySessions = $report->dryRun
            ? (int) $this->database->value("SELECT COUNT(*) $empty")
            : $this->database->execute("DELETE $empty");
    }
}
