<?php

declare(strict_types=1);

namespace CrowdSky\Hips;

use CrowdSky\Base\ConfigurationError;
use CrowdSky\Base\Refusal;
use CrowdSky\Database\Database;
use CrowdSky\Jobs\ArchiveJobs;
use CrowdSky\Jobs\JobKind;
use CrowdSky\Stacks\PublicCopies;
use CrowdSky\Stacks\StackArchive;
use CrowdSky\Storage\ObjectMissing;

/**
 * Queues the cells of the HiPS whose stacks have changed since they were built, and removes those that have none left.
 */
final class HipsBuilds
{
    public function __construct(
        private readonly Database $database,
        private readonly HipsPlan $plan,
        private readonly HipsCells $cells,
        private readonly HipsPublication $publication,
        private readonly PublicCopies $copies,
        private readonly ArchiveJobs $jobs,
    ) {
    }

    /** @throws ConfigurationError when there is no admin, whose the jobs are */
    public function queue(): HipsReport
    {
        $report = new HipsReport();
        $built = $this->cells->fingerprints();
        $plan = $this->plan->cells();
        foreach (array_diff_key($built, $plan) as $cell => $_) {
            $this->publication->remove($cell);
            $report->removed++;
        }
        foreach ($plan as $cell => $hashes) {
            if (($built[$cell] ?? null) === HipsOrder::fingerprint($hashes)) {
                $report->current++;
            } elseif ($this->jobs->isQueued(JobKind::Hips, HipsOrder::key($cell))) {
                $report->waiting++;
            } else {
                $this->add($cell, $hashes, $report);
            }
        }
        if ($report->removed > 0) {
            $this->publication->describe();
        }
        return $report;
    }

    /**
     * Removes the cells that were built of stacks which are not public any more, and queues them without these.
     *
     * @param list<int> $stackIds
     * @throws ConfigurationError when there is no admin, whose the jobs are
     */
    public function withdraw(array $stackIds): HipsReport
    {
        $report = new HipsReport();
        $left = [];
        foreach ($this->cells->sources() as $cell => $hashes) {
            $kept = array_diff_key($hashes, array_flip($stackIds));
            if (count($kept) < count($hashes)) {
                $this->publication->remove($cell);
                $report->removed++;
                $left[$cell] = $kept;
            }
        }
        if ($report->removed > 0) {
            $this->publication->describe();
        }
        foreach (array_filter($left) as $cell => $hashes) {
            if (!$this->jobs->isQueued(JobKind::Hips, HipsOrder::key($cell))) {
                $this->add($cell, $hashes, $report);
            }
        }
        return $report;
    }

    /** @param array<int, string> $hashes */
    private function add(int $cell, array $hashes, HipsReport $report): void
    {
        $stacks = [];
        foreach ($hashes as $id => $source) {
            $described = $this->describe($id, $source);
            if ($described === null) {
                $report->unreadable[] = $id;
            } else {
                $stacks[] = $described;
            }
        }
        $order = new HipsOrder($cell, $stacks);
        // A worker has one of them at a time.
        $bytes = max([0, ...array_column($stacks, 'size')]);
        $said = 'tiles of ' . count($stacks) . ' stacks';
        $this->jobs->add(JobKind::Hips, HipsOrder::key($cell), "Region $cell of the sky", $order->toJson(), $bytes, $said);
        $report->queued++;
    }

    /** @return array{id: int, size: int, sha256: string, source: string}|null null for a stack that cannot be read */
    private function describe(int $id, string $source): ?array
    {
        $stack = (new StackArchive($this->database))->find($id);
        if ($stack === null || $stack->sha256 !== $source) {
            return null;
        }
        try {
            $copy = $this->copies->copyOf($stack);
            return ['id' => $id, 'size' => $copy->size(), 'sha256' => $this->copies->sha256($stack, $copy), 'source' => $source];
        } catch (Refusal | ObjectMissing) {
            return null;
        }
    }
}
