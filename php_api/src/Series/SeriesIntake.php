<?php

declare(strict_types=1);

namespace CrowdSky\Series;

use CrowdSky\Base\Clock;
use CrowdSky\Base\Format;
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
use CrowdSky\Raws\RawFrames;
use CrowdSky\Results\JobPublication;
use CrowdSky\Storage\Spool;
use CrowdSky\Storage\SpooledFile;
use CrowdSky\Workers\TrustLevel;

/** Takes a series from a worker, archives it, and completes its job when it reads back. */
final class SeriesIntake
{
    public function __construct(
        private readonly Database $database,
        private readonly JobStore $jobs,
        private readonly LeaseKeeper $leases,
        private readonly Spool $spool,
        private readonly RawFrames $raws,
        private readonly SeriesStore $series,
        private readonly SeriesFiles $files,
        private readonly Clock $clock,
    ) {
    }

    /**
     * Receives the file. Sending the same bytes again is harmless.
     *
     * @param string $sha256 of the body, as the worker announces it
     * @throws LeaseLost unless the holder has the lease
     * @throws Refusal for a key that has become a volunteer's, for other bytes, and for a file that is not the series of the job
     */
    public function receive(Request $request, int $jobId, LeaseHolder $holder, string $sha256, int $limit): void
    {
        if ($this->isRepeated($jobId, $holder, $sha256)) {
            return;
        }
        $job = $this->leases->require($jobId, $holder);
        if ($job->kind !== JobKind::Series) {
            throw Refusal::notFound("Job $jobId makes no series");
        }
        if ($holder->level === TrustLevel::Volunteer) {
            throw Refusal::forbidden('Nobody gives a second opinion on series, so that those of volunteers are not archived');
        }
        $this->leases->touch($job);
        $announced = $request->body()->length() ?? throw Refusal::sizeNeeded();
        $publish = function (SpooledFile $file) use ($jobId, $holder): void {
            $this->publish($this->leases->require($jobId, $holder), $holder, $file);
        };
        $this->spool->useReceived($request->body()->stream(), $limit, $announced, 'The series', $sha256, $publish);
    }

    private function isRepeated(int $jobId, LeaseHolder $holder, string $sha256): bool
    {
        $job = $this->jobs->get($jobId);
        return $job->status === JobStatus::Completed && $holder->matches($job) && $this->series->ofJob($jobId)?->sha256 === $sha256;
    }

    private function publish(Job $job, LeaseHolder $holder, SpooledFile $file): void
    {
        $order = SeriesOrder::ofJob($job);
        $series = $this->series->ofJob($job->id) ?? throw Refusal::unusable('The series is not wanted any more', 'outdated');
        $parts = SeriesLayout::partsOf($file->path, $order, $this->raws->sizeOfJob($job->framesJobId()));
        if (is_string($parts)) {
            throw Refusal::unusable("The file is not accepted as a series: $parts", 'not_a_series');
        }
        $path = $this->files->store($series, $job, $order, $file);
        // Reading it back may have taken a while.
        $job = $this->leases->require($job->id, $holder);
        $now = Utc::stored($this->clock->now());
        $this->database->transaction(function () use ($job, $series, $file, $path, $parts, $now): void {
            $said = Format::count($parts, 'part', 'parts') . " of {$series->seconds} s, $path";
            $isKept = $this->jobs->move($job, JobStatus::Completed, JobPublication::finalColumns($now), "worker:{$job->workerName}", 'completed', $said)
                && $this->series->complete($series, $path, $file->sha256, $file->size, $parts, $now);
            if (!$isKept) {
                throw new LeaseLost($job->id, 'the job was taken back while its series was stored');
            }
        });
    }
}
