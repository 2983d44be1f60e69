<?php

declare(strict_types=1);

namespace CrowdSky\Cleanup\Steps;

use CrowdSky\Base\Clock;
use CrowdSky\Base\Utc;
use CrowdSky\Cleanup\CleanupReport;
use CrowdSky\Cleanup\CleanupStep;
use CrowdSky\Cleanup\StorageDeletion;
use CrowdSky\Custody\Trash;
use CrowdSky\Timekeeping\DueKind;
use CrowdSky\Timekeeping\DueMarks;

/**
 * Deletes files that have been in trash for trash_days.
 */
final class EmptyTrash implements CleanupStep
{
    private const DAY_SECONDS = 86400;

    public function __construct(
        private readonly Trash $trash,
        private readonly StorageDeletion $deletion,
        private readonly DueMarks $marks,
        private readonly Clock $clock,
        private readonly int $trashDays,
    ) {
    }

    public function run(CleanupReport $report): void
    {
        $due = [];
        foreach ($this->trash->olderThan(Utc::storedBefore($this->clock->now(), self::DAY_SECONDS * $this->trashDays)) as $object) {
            $due[$object->id] = $object;
        }
        $confirmed = array_flip($this->marks->confirmed($report->run, DueKind::TrashedFile, array_keys($due)));
        foreach (array_intersect_key($due, $confirmed) as $object) {
            $report->trashedFiles += (int) ($report->dryRun || $this->deletion->deleteTrashed($object));
        }
    }
}
