<?php

declare(strict_types=1);

namespace CrowdSky\Cleanup\Steps;

use CrowdSky\Cleanup\ArchiveProof;
use CrowdSky\Cleanup\CleanupReport;
use CrowdSky\Cleanup\CleanupStep;
use CrowdSky\Cleanup\StorageDeletion;
use CrowdSky\Database\Database;
use CrowdSky\Results\ReplacedObjects;
use CrowdSky\Timekeeping\DueKind;
use CrowdSky\Timekeeping\DueMarks;

/**
 * Deletes files that a rescan has replaced, if the stack that took their place reads back with the right hash.
 */
final class DeleteReplacedFiles implements CleanupStep
{
    public function __construct(
        private readonly Database $database,
        private readonly ReplacedObjects $replaced,
        private readonly ArchiveProof $proof,
        private readonly StorageDeletion $deletion,
        private readonly DueMarks $marks,
    ) {
    }

    public function run(CleanupReport $report): void
    {
        $due = $this->replaced->due();
        $ids = array_merge(...array_map(array_keys(...), array_values($due)));
        $confirmed = array_flip($this->marks->confirmed($report->run, DueKind::ReplacedFile, $ids));
        foreach ($due as $stackId => $paths) {
            $this->deleteOfStack($stackId, array_intersect_key($paths, $confirmed), $report);
        }
    }

    /** @param array<int, string> $paths by id of their entry */
    private function deleteOfStack(int $stackId, array $paths, CleanupReport $report): void
    {
        if ($paths === []) {
            return;
        }
        $stack = $this->database->one('SELECT job_id, ucloud_path, sha256 FROM stacked_frames WHERE id = ?', [$stackId]);
        if ($stack === null) {
            // Its owner deleted it a moment ago, these files included.
            return;
        }
        if (!$this->proof->isGiven((int) $stack['job_id'], $stack['ucloud_path'], $stack['sha256'], 'replaced files', $report->dryRun)) {
            $report->unverifiedStacks++;
            return;
        }
        foreach ($paths as $id => $path) {
            $report->replacedFiles += (int) ($report->dryRun || $this->delete($stackId, $id, $path));
        }
    }

    private function delete(int $stackId, int $id, string $path): bool
    {
        $isDeleted = $this->deletion->deleteReplaced($stackId, $path);
        if ($isDeleted) {
            $this->replaced->forget($id);
        }
        return $isDeleted;
    }
}
