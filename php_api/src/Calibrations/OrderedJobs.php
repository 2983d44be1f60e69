<?php

declare(strict_types=1);

namespace CrowdSky\Calibrations;

use CrowdSky\Base\Refusal;
use CrowdSky\Database\Database;
use CrowdSky\Jobs\Job;
use CrowdSky\Jobs\JobKind;
use CrowdSky\Jobs\LeaseHolder;
use CrowdSky\Queue\LeaseKeeper;
use CrowdSky\Storage\SpooledFile;

/** A calibration job in the hands of a worker, and the observations that it works on. */
final class OrderedJobs
{
    private const BATCH = 500;

    public function __construct(
        private readonly Database $database,
        private readonly LeaseKeeper $leases,
        private readonly FieldEpochs $epochs,
        private readonly ObservationsFiles $files,
    ) {
    }

    /**
     * @throws \CrowdSky\Jobs\LeaseLost unless the holder has the lease
     * @throws Refusal unless it is a calibration, and when one of its stacks may not be used any more
     */
    public function require(int $jobId, LeaseHolder $holder): Job
    {
        $job = $this->leases->require($jobId, $holder);
        if ($job->kind !== JobKind::Calibrate) {
            throw Refusal::notFound("Job $jobId calibrates no field");
        }
        $this->leases->touch($job);
        $this->requireCurrent(CalibrationOrder::ofJob($job));
        return $job;
    }

    /** @throws Refusal when an owner has decided otherwise, or a stack was measured again or deleted, since the job was queued */
    public function requireCurrent(CalibrationOrder $order): void
    {
        if ($order->isOutdated($this->epochs->of($order->scope))) {
            throw Refusal::unusable('The stacks of this field have changed; it is calibrated anew with the next look at all fields', 'outdated');
        }
    }

    public function observations(Job $job): SpooledFile
    {
        return $this->files->of($job, CalibrationOrder::ofJob($job), $job->totalBytes);
    }

    /** @return array<int, string> bands of the epochs of an order, by id */
    public function bands(CalibrationOrder $order): array
    {
        $bands = [];
        foreach (array_chunk(array_keys($order->epochs), self::BATCH) as $batch) {
            $marks = implode(', ', array_fill(0, count($batch), '?'));
            $bands += array_column($this->database->all("SELECT id, bands FROM epochs WHERE id IN ($marks)", $batch), 'bands', 'id');
        }
        return $bands;
    }

    /**
     * @param list<int> $epochIds
     * @return int those of whole stacks, which alone a calibration is solved from
     */
    public function countStacks(array $epochIds): int
    {
        return count($this->epochs->ofStacks($epochIds));
    }

    public function forget(Job $job): void
    {
        $this->files->discard($job->id);
    }
}
