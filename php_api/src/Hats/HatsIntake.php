<?php

declare(strict_types=1);

namespace CrowdSky\Hats;

use CrowdSky\Base\Clock;
use CrowdSky\Base\Refusal;
use CrowdSky\Base\Utc;
use CrowdSky\Database\Database;
use CrowdSky\Http\Request;
use CrowdSky\Jobs\Job;
use CrowdSky\Jobs\JobKind;
use CrowdSky\Jobs\JobStatus;
use CrowdSky\Jobs\JobStore;
use CrowdSky\Jobs\LeaseHolder;
use CrowdSky\Jobs\LeaseLost;
use CrowdSky\Queue\LeaseKeeper;
use CrowdSky\Results\JobPublication;
use CrowdSky\Storage\Spool;
use CrowdSky\Storage\SpooledFile;

/** Takes the files of a partition from a worker, and completes its job. */
final class HatsIntake
{
    public function __construct(
        private readonly Database $database,
        private readonly JobStore $jobs,
        private readonly LeaseKeeper $leases,
        private readonly Spool $spool,
        private readonly HatsCells $cells,
        private readonly CellUpload $upload,
        private readonly HatsPublication $publication,
        private readonly Clock $clock,
    ) {
    }

    /**
     * Receives the tar file of a partition. Sending the same bytes again is harmless.
     *
     * @param string $sha256 of the body, as the worker announces it
     * @throws LeaseLost unless the holder has the lease
     * @throws Refusal for other bytes, for files that are not those of a partition, and when what belongs into it has
     *     changed since the worker asked for its rows
     */
    public function receive(Request $request, int $jobId, LeaseHolder $holder, string $sha256, int $limit): void
    {
        if ($this->isRepeated($jobId, $holder, $sha256)) {
            return;
        }
        $job = $this->leases->require($jobId, $holder);
        if ($job->kind !== JobKind::Hats) {
            throw Refusal::notFound("Job $jobId makes no partition of the export");
        }
        $this->leases->touch($job);
        $announced = $request->body()->length() ?? throw Refusal::sizeNeeded();
        $publish = function (SpooledFile $file) use ($jobId, $holder): void {
            $this->publish($this->leases->require($jobId, $holder), $file);
        };
        $this->spool->useReceived($request->body()->stream(), $limit, $announced, 'The partition', $sha256, $publish);
    }

    private function isRepeated(int $jobId, LeaseHolder $holder, string $sha256): bool
    {
        $job = $this->jobs->get($jobId);
        return $job->status === JobStatus::Completed && $holder->matches($job) && $this->cells->builtBy($jobId) === $sha256;
    }

    private function publish(Job $job, SpooledFile $file): void
    {
        $cell = HatsCell::ofJob($job);
        [$fingerprint, $files] = $this->upload->take($file, $cell);
        $now = Utc::stored($this->clock->now());
        $this->database->transaction(function () use ($job, $cell, $file, $fingerprint, $files, $now): void {
            $said = array_sum(array_column($files, 'rows')) . ' rows';
            if (!$this->jobs->move($job, JobStatus::Completed, JobPublication::finalColumns($now), "worker:{$job->workerName}", 'completed', $said)) {
                throw new LeaseLost($job->id, 'the job was taken back while its partition was stored');
            }
            // The plan may have come by it meanwhile; then nobody wants it any more, and it is not shown.
            $this->cells->update($cell, [
                'built' => $fingerprint,
                'files' => json_encode($files, JSON_THROW_ON_ERROR),
                'job_id' => $job->id,
                'sha256' => $file->sha256,
                'built_at' => $now,
            ]);
            $this->publication->settle($cell->root());
        });
    }
}
