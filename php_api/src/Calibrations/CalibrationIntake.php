<?php

declare(strict_types=1);

namespace CrowdSky\Calibrations;

use CrowdSky\Base\Clock;
use CrowdSky\Base\Format;
use CrowdSky\Base\Refusal;
use CrowdSky\Base\RefusalKind;
use CrowdSky\Base\Utc;
use CrowdSky\Database\Database;
use CrowdSky\Database\DuplicateKey;
use CrowdSky\Http\Request;
use CrowdSky\Jobs\Job;
use CrowdSky\Jobs\JobStatus;
use CrowdSky\Jobs\JobStore;
use CrowdSky\Jobs\LeaseHolder;
use CrowdSky\Jobs\LeaseLost;
use CrowdSky\Results\JobPublication;
use CrowdSky\Storage\Spool;
use CrowdSky\Storage\SpooledFile;
use CrowdSky\Workers\TrustLevel;

/** Takes a calibration from a worker, publishes it as the next version, and completes its job. */
final class CalibrationIntake
{
    public function __construct(
        private readonly Database $database,
        private readonly JobStore $jobs,
        private readonly OrderedJobs $ordered,
        private readonly Spool $spool,
        private readonly OrderedStars $stars,
        private readonly CalibrationArchive $archive,
        private readonly CalibrationRegister $register,
        private readonly Clock $clock,
    ) {
    }

    /**
     * Receives the file. Sending the same bytes again is harmless.
     *
     * @param string $sha256 of the body, as the worker announces it
     * @throws LeaseLost unless the holder has the lease
     * @throws Refusal for other bytes, for what is no calibration of the order, and when one of its stacks may not be used
     *     any more
     */
    public function receive(Request $request, int $jobId, LeaseHolder $holder, string $sha256, int $limit): void
    {
        if ($this->isRepeated($jobId, $holder, $sha256)) {
            return;
        }
        if ($holder->level === TrustLevel::Volunteer) {
            throw Refusal::forbidden('Nobody gives a second opinion on calibrations, so that those of volunteers are not published');
        }
        $this->ordered->require($jobId, $holder);
        $announced = $request->body()->length() ?? throw Refusal::sizeNeeded();
        $publish = function (SpooledFile $file) use ($jobId, $holder): void {
            $this->publish($this->ordered->require($jobId, $holder), $file);
        };
        $this->spool->useReceived($request->body()->stream(), $limit, $announced, 'The calibration', $sha256, $publish);
    }

    private function isRepeated(int $jobId, LeaseHolder $holder, string $sha256): bool
    {
        $job = $this->jobs->get($jobId);
        return $job->status === JobStatus::Completed && $holder->matches($job) && $this->register->sentBy($jobId) === $sha256;
    }

    private function publish(Job $job, SpooledFile $sent): void
    {
        $order = CalibrationOrder::ofJob($job);
        $starIds = $this->stars->ids($order);
        $file = CalibrationFile::read($sent->path);
        $counts = (new CalibrationCheck($order, $this->ordered->bands($order), array_flip($starIds)))->require($file);
        $stacks = $this->ordered->countStacks(array_values(array_diff($counts->epochIds, array_keys($order->copies))));
        $now = Utc::stored($this->clock->now());
        $columns = ['job_id' => $job->id, 'sent_sha256' => $sent->sha256, 'n_epochs' => $stacks, 'n_stars' => $counts->stars, 'created_at' => $now];
        $columns += $this->archive->store($order, $sent, $starIds);
        $said = "version {$order->version}: " . Format::count($stacks, 'stack', 'stacks') . ', ' . Format::count($counts->stars, 'star', 'stars')
            . ', ' . Format::count($counts->variables, 'candidate', 'candidates');
        try {
            $this->database->transaction(function () use ($job, $order, $columns, $file, $said, $now): void {
                if (!$this->jobs->move($job, JobStatus::Completed, JobPublication::finalColumns($now), "worker:{$job->workerName}", 'completed', $said)) {
                    throw new LeaseLost($job->id, 'the job was taken back while its calibration was stored');
                }
                // An owner may have decided otherwise since the file was checked.
                $this->ordered->requireCurrent($order);
                $this->register->publish($order, $columns, $file);
            });
        } catch (DuplicateKey $taken) {
            $said = "Version {$order->version} of this field is there already; the field is calibrated anew with the next look at all fields";
            throw new Refusal(RefusalKind::Unusable, 'outdated', $said, cause: $taken);
        }
        $this->ordered->forget($job);
    }
}
