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
 * Finds out whether the headers of older stacks include the position of the telescope: those that were archived before
 * the site recorded this. Until it is known, only trusted workers get their rescans.
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

    /** Reads some of the headers; the next run continues. */
    public function lookUp(): void
    {
        $unknown = $this->database->all(
            'SELECT id, ucloud_path, file_size_bytes FROM stacked_frames WHERE tells_position IS NULL ORDER BY id LIMIT ' . self::BATCH,
        );
        foreach ($unknown as $row) {
            try {
                $tells = $this->tells($row['ucloud_path'], (int) $row['file_size_bytes']);
            } catch (ObjectMissing) {
                // cleanup --verify reports it; a file that is put back in its place may include a position.
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
