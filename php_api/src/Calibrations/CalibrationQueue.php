<?php

declare(strict_types=1);

namespace CrowdSky\Calibrations;

use CrowdSky\Base\Clock;
use CrowdSky\Base\ConfigurationError;
use CrowdSky\Base\Format;
use CrowdSky\Base\Utc;
use CrowdSky\Changes\WithdrawnNumbers;
use CrowdSky\Database\Database;
use CrowdSky\Jobs\ArchiveJobs;
use CrowdSky\Jobs\Job;
use CrowdSky\Jobs\JobKind;
use CrowdSky\Jobs\JobStatus;
use CrowdSky\Jobs\JobStore;

/**
 * Queues the calibration of fields whose epochs have changed since they were calibrated: at most one job waits for a field
 * and scope, and none is queued within some hours after the last one unless somebody insists, or a stack of that was withdrawn.
 */
final class CalibrationQueue
{
    /** Bytes of a row of observations in the file that a worker gets. */
    private const ROW_BYTES = 46;

    public function __construct(
        private readonly Database $database,
        private readonly FieldEpochs $epochs,
        private readonly ArchiveJobs $jobs,
        private readonly JobStore $store,
        private readonly ObservationsFiles $files,
        private readonly Clock $clock,
        private readonly string $secret,
        private readonly int $hours,
    ) {
    }

    /**
     * @param int|null $fieldId null for all fields
     * @param bool $now without regard to when the last one was, and to failures
     * @throws ConfigurationError when there is no admin, whose the jobs are
     */
    public function queue(?int $fieldId = null, bool $now = false): CalibrationReport
    {
        $report = new CalibrationReport($this->hours);
        $searched = $this->epochs->searched($fieldId);
        $numbers = new WithdrawnNumbers($this->database);
        foreach ($this->epochs->scopes($fieldId) as $scope) {
            $numbers->lookAt($scope->fieldId, $scope->ownerId);
            $this->look($scope, $searched[$scope->fieldId] ?? [], $now, $report);
        }
        $this->files->sweep();
        return $report;
    }

    /** @param list<int> $searched stars of the field for whose periods somebody has asked */
    private function look(CalibrationScope $scope, array $searched, bool $now, CalibrationReport $report): void
    {
        $epochs = $this->epochs->of($scope);
        $copies = $this->epochs->copies($scope);
        $fingerprint = FieldEpochs::fingerprint($epochs, $searched, $copies);
        $published = $this->published($scope);
        $last = $this->lastJob($scope);
        $isNew = $published === null || $published['fingerprint'] !== $fingerprint;
        if ($last !== null && !$last->status->isFinished()) {
            $report->waiting++;
            $this->renew($last, $this->order($scope, $fingerprint, $epochs, $copies));
        } elseif (!$isNew) {
            $report->current++;
        } elseif (!$this->epochs->shareStars(array_keys(array_diff_key($epochs, $copies)))) {
            $report->alone++;
        } elseif (!$now && $this->hasFailed($last, $fingerprint)) {
            $report->failed[] = "Field {$scope->fieldId}: job {$last?->id} did not end well"
                . ($last?->errorMessage === null ? '' : ": {$last->errorMessage}") . '. --now queues it again';
        } elseif (!$now && (int) ($published['withdrawn'] ?? 0) === 0 && $this->isRecent($published, $last, $epochs)) {
            $report->later++;
        } else {
            $this->add($this->order($scope, $fingerprint, $epochs, $copies));
            $report->queued++;
        }
    }

    /**
     * @param array<int, string> $epochs
     * @param array<int, int> $copies
     */
    private function order(CalibrationScope $scope, string $fingerprint, array $epochs, array $copies): CalibrationOrder
    {
        return new CalibrationOrder($scope, 1 + (int) ($this->published($scope)['version'] ?? 0), $fingerprint, $epochs, $copies);
    }

    private function add(CalibrationOrder $order): void
    {
        $said = Format::count(count($order->epochs), 'epoch', 'epochs') . ", version {$order->version}";
        $bytes = $this->bytes($order);
        $this->jobs->add(JobKind::Calibrate, $order->scope->key($this->secret), $order->scope->title(), $order->toJson(), $bytes, $said);
    }

    /** A job that nobody has begun works on the epochs of today. */
    private function renew(Job $job, CalibrationOrder $order): void
    {
        if ($job->status === JobStatus::Processing || CalibrationOrder::ofJob($job)->fingerprint === $order->fingerprint) {
            return;
        }
        $this->files->discard($job->id);
        $this->store->update($job, ['options' => $order->toJson(), 'total_bytes' => $this->bytes($order)]);
    }

    private function bytes(CalibrationOrder $order): int
    {
        return self::ROW_BYTES * $this->epochs->countObservations(array_keys($order->epochs));
    }

    /** @return array<string, mixed>|null version, fingerprint and time of the newest one, and whether a stack of it was withdrawn */
    private function published(CalibrationScope $scope): ?array
    {
        return $this->database->one(
            'SELECT version, fingerprint, created_at, withdrawn FROM calibrations WHERE field_id = ? AND owner_id = ? ORDER BY version DESC LIMIT 1',
            [$scope->fieldId, $scope->ownerId],
        );
    }

    private function lastJob(CalibrationScope $scope): ?Job
    {
        $row = $this->database->one(
            'SELECT * FROM stacking_jobs WHERE kind = ? AND chunk_key = ? ORDER BY id DESC LIMIT 1',
            [JobKind::Calibrate->value, $scope->key($this->secret)],
        );
        return $row === null ? null : Job::fromRow($row);
    }

    private function hasFailed(?Job $last, string $fingerprint): bool
    {
        $isFailure = $last?->status === JobStatus::Failed || $last?->status === JobStatus::Cancelled;
        return $isFailure && CalibrationOrder::ofJob($last)->fingerprint === $fingerprint;
    }

    /**
     * A job that was given up because its stacks have changed does not count.
     *
     * @param array<string, mixed>|null $published
     * @param array<int, string> $epochs
     */
    private function isRecent(?array $published, ?Job $last, array $epochs): bool
    {
        $since = Utc::storedBefore($this->clock->now(), 3600 * $this->hours);
        $isOwnFault = $last?->status === JobStatus::Failed && !CalibrationOrder::ofJob($last)->isOutdated($epochs);
        return ($published['created_at'] ?? '') > $since || $isOwnFault && $last->createdAt > $since;
    }
}
