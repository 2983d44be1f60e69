<?php

declare(strict_types=1);

namespace CrowdSky\Cleanup;

use CrowdSky\Base\Logger;
use CrowdSky\Database\Database;
use CrowdSky\Fits\StackHeader;
use CrowdSky\Storage\ObjectMissing;
use CrowdSky\Storage\ObjectStorage;
use CrowdSky\Storage\StorageUnavailable;

/**
 * Finds out about stacks of which it is not known whether their header tells where they were taken: those archived
 * before the site looked. Until then only trusted workers are asked to solve them again.
 */
final class StackPositions
{
    private const BATCH = 200;

    public function __construct(
        private readonly Database $database,
        private readonly ObjectStorage $storage,
        private readonly Logger $log,
    ) {
    }

    /** Looks into some of them; the next run takes the rest. */
    public function lookUp(): void
    {
        $unknown = $this->database->all(
            'SELECT id, ucloud_path, file_size_bytes FROM stacked_frames WHERE tells_position IS NULL ORDER BY id LIMIT ' . self::BATCH,
        );
        foreach ($unknown as $row) {
            try {
                $tells = $this->tells($row['ucloud_path'], (int) $row['file_size_bytes']);
            } catch (ObjectMissing) {
                // cleanup --verify reports it; whatever is put back in its place may tell anything.
                $tells = true;
            } catch (StorageUnavailable $error) {
                $this->log->warning("cleanup: could not read the header of {$row['ucloud_path']}: {$error->getPrevious()?->getMessage()}");
                return;
            }
            $this->database->execute('UPDATE stacked_frames SET tells_position = ? WHERE id = ?', [$tells, $row['id']]);
        }
    }

    private function tells(string $path, int $size): bool
    {
        return StackHeader::ofStored($this->storage, $path, $size)->tellsPosition();
    }
}
