<?php

declare(strict_types=1);

namespace CrowdSky\Results;

use CrowdSky\Database\Database;
use CrowdSky\Fits\FitsOutline;
use CrowdSky\Fits\StackHeader;
use CrowdSky\Jobs\Job;
use CrowdSky\Storage\ObjectMissing;
use CrowdSky\Storage\ObjectStorage;

/**
 * Looks at the archived stack whose place a result is to take. The pictures of a rescan must be the same bit for bit: it
 * changes what is known about a picture, and never the picture.
 */
final class ArchivedCopy
{
    private const UNREADABLE = 'the archived stack does not read back as it was archived, so that nothing shows whether its pictures are kept';

    public function __construct(
        private readonly Database $database,
        private readonly ObjectStorage $storage,
    ) {
    }

    /**
     * @param FitsOutline $file of the rescan, read to its end
     * @return string|null what differs from the archived stack
     * @throws \CrowdSky\Storage\StorageUnavailable
     */
    public function problem(Job $rescan, FitsOutline $file): ?string
    {
        $stack = $this->database->one('SELECT * FROM stacked_frames WHERE id = ?', [$rescan->stackId]);
        if ($stack === null) {
            // Its owner deleted it; the completion finds that out under the lock.
            return null;
        }
        if ($stack['image_hashes'] !== null) {
            $exposure = $stack['total_exptime'] === null ? null : (float) $stack['total_exptime'];
            return StackImages::fromStored($stack['image_hashes'])->difference(StackImages::of($file))
                ?? StackSubstance::wrongFigures((int) $stack['n_frames_aligned'], $exposure, $file->primary());
        }
        $archived = $this->archived($stack['ucloud_path'], $stack['sha256']);
        return $archived === null
            ? self::UNREADABLE
            : StackImages::of($archived)->difference(StackImages::of($file)) ?? self::changedFigures($archived->primary(), $file->primary());
    }

    /** Whether the job has an archived stack that reads back as it was archived; only a damaged one is stacked again. */
    public function isIntact(int $jobId): bool
    {
        $stack = $this->database->one('SELECT ucloud_path, sha256 FROM stacked_frames WHERE job_id = ?', [$jobId]);
        return $stack !== null && $this->archived($stack['ucloud_path'], $stack['sha256']) !== null;
    }

    /** Compares with a header that nobody compared with its row when it was archived. */
    private static function changedFigures(StackHeader $before, StackHeader $after): ?string
    {
        $isSame = [$before->frames(), $before->exposure()] === [$after->frames(), $after->exposure()];
        return $isSame ? null : 'its NIMAGES or EXPTIME is not that of the archived stack';
    }

    /** Reads a stack that was archived before fingerprints were kept; null when it is not there as it was archived. */
    private function archived(string $path, string $sha256): ?FitsOutline
    {
        $outline = new FitsOutline();
        $hash = hash_init('sha256');
        try {
            $this->storage->read($path, static function (string $piece) use ($outline, $hash): void {
                hash_update($hash, $piece);
                $outline->feed($piece);
            });
        } catch (ObjectMissing) {
            return null;
        }
        return hash_equals($sha256, hash_final($hash)) ? $outline : null;
    }
}
