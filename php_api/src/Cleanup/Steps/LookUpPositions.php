<?php

declare(strict_types=1);

namespace CrowdSky\Cleanup\Steps;

use CrowdSky\Base\Logger;
use CrowdSky\Cleanup\CleanupReport;
use CrowdSky\Cleanup\CleanupStep;
use CrowdSky\Database\Database;
use CrowdSky\Fits\PlaceSearch;
use CrowdSky\Storage\ObjectMissing;
use CrowdSky\Storage\ObjectStorage;
use CrowdSky\Storage\StorageUnavailable;

/**
 * Looks up whether a stack tells where it was taken, in its headers or by the names of its frames, for stacks that were
 * archived before the site did so at once. Until then only trusted workers are asked to solve them again.
 */
final class LookUpPositions implements CleanupStep
{
    /** Number of stacks in one run; the next run takes the rest. */
    private const BATCH = 200;

    public function __construct(
        private readonly Database $database,
        private readonly ObjectStorage $storage,
        private readonly Logger $log,
    ) {
    }

    public function run(CleanupReport $report): void
    {
        foreach ($report->dryRun ? [] : $this->unknown() as $row) {
            try {
                $tells = PlaceSearch::tells($this->storage, $row['ucloud_path'], (int) $row['file_size_bytes']);
            } catch (ObjectMissing) {
                // cleanup --verify reports it; a file that is put back in its place may tell the position.
                $tells = true;
            } catch (StorageUnavailable $error) {
                $this->log->warning("cleanup: could not read the header of {$row['ucloud_path']}: {$error->getPrevious()?->getMessage()}");
                return;
            }
            $this->database->execute('UPDATE stacked_frames SET tells_position = ? WHERE id = ?', [$tells, $row['id']]);
        }
    }

    /** @return list<array<string, mixed>> */
    private function unknown(): array
    {
        return $this->database->all(
            'SELECT id, ucloud_path, file_size_bytes FROM stacked_frames WHERE tells_position IS NULL ORDER BY id LIMIT ' . self::BATCH,
        );
    }
}
