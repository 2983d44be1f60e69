<?php

declare(strict_types=1);

namespace CrowdSky\Calibrations;

use CrowdSky\Base\DataFolder;
use CrowdSky\Database\Database;
use CrowdSky\Jobs\Job;
use CrowdSky\Jobs\JobKind;
use CrowdSky\Jobs\JobStatus;
use CrowdSky\Storage\Spool;
use CrowdSky\Storage\SpooledFile;

/**
 * The files of observations that jobs work on, in the spool folder from the first download until the job has ended: so
 * that a download can be continued, whatever the database has got meanwhile. Their names have job and hash.
 */
final class ObservationsFiles
{
    private const NAME = '/^observations_([0-9]+)_([0-9a-f]{64})\.fits$/D';

    public function __construct(
        private readonly Database $database,
        private readonly Spool $spool,
        private readonly DataFolder $data,
        private readonly ObservationsFile $file,
    ) {
    }

    /**
     * The file of a job, written when it is asked for the first time.
     *
     * @param int $expected about how many bytes it has
     */
    public function of(Job $job, CalibrationOrder $order, int $expected): SpooledFile
    {
        return $this->find($job->id) ?? $this->create($job->id, $order, $expected);
    }

    public function discard(int $jobId): void
    {
        foreach ($this->paths("{$jobId}_*") as $path => $_) {
            @unlink($path);
        }
    }

    /** Removes the files of jobs that have ended. */
    public function sweep(): void
    {
        foreach ($this->paths('*') as $path => [$jobId]) {
            $living = $this->database->value(
                'SELECT id FROM stacking_jobs WHERE id = ? AND kind = ? AND status IN (?, ?, ?)',
                [$jobId, JobKind::Calibrate->value, JobStatus::Pending->value, JobStatus::Retry->value, JobStatus::Processing->value],
            );
            if ($living === null) {
                @unlink($path);
            }
        }
    }

    private function find(int $jobId): ?SpooledFile
    {
        foreach ($this->paths("{$jobId}_*") as $path => [, $sha256]) {
            return new SpooledFile($path, (int) filesize($path), $sha256);
        }
        return null;
    }

    private function create(int $jobId, CalibrationOrder $order, int $expected): SpooledFile
    {
        $made = $this->spool->create(fn (mixed $stream) => $this->file->write($stream, $order), $expected);
        $path = $this->data->path("spool/observations_{$jobId}_{$made->sha256}.fits");
        if (!rename($made->path, $path)) {
            throw new \RuntimeException("{$made->path} cannot be renamed; check the owner of the data folder");
        }
        return new SpooledFile($path, $made->size, $made->sha256);
    }

    /** @return array<string, array{int, string}> job and hash by path */
    private function paths(string $which): array
    {
        $found = [];
        foreach (glob($this->data->path("spool/observations_$which.fits")) ?: [] as $path) {
            if (preg_match(self::NAME, basename($path), $match) === 1) {
                $found[$path] = [(int) $match[1], $match[2]];
            }
        }
        return $found;
    }
}
