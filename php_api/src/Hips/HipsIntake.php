<?php

declare(strict_types=1);

namespace CrowdSky\Hips;

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
use CrowdSky\Sky\SolvedStacks;
use CrowdSky\Storage\Spool;
use CrowdSky\Storage\SpooledFile;
use CrowdSky\Storage\TarReader;

/** Takes the tiles of a cell from a worker, and completes its job. */
final class HipsIntake
{
    private const COVERAGE = 'coverage.json';
    private const SMALL = 'allsky.rgba';
    private const PNG = "\x89PNG\r\n\x1a\n";

    public function __construct(
        private readonly Database $database,
        private readonly JobStore $jobs,
        private readonly LeaseKeeper $leases,
        private readonly Spool $spool,
        private readonly SolvedStacks $stacks,
        private readonly HipsCells $cells,
        private readonly HipsPublication $publication,
        private readonly Clock $clock,
    ) {
    }

    /**
     * Receives the tar file of a region. Sending the same bytes again is harmless.
     *
     * @param string $sha256 of the body, as the worker announces it
     * @throws LeaseLost unless the holder has the lease
     * @throws Refusal for other bytes, for tiles that are not those of the region, and when a stack in them is not
     *     public any more
     */
    public function receive(Request $request, int $jobId, LeaseHolder $holder, string $sha256, int $limit): void
    {
        if ($this->isRepeated($jobId, $holder, $sha256)) {
            return;
        }
        $job = $this->leases->require($jobId, $holder);
        if ($job->kind !== JobKind::Hips) {
            throw Refusal::notFound("Job $jobId makes no tiles");
        }
        $this->leases->touch($job);
        $announced = $request->body()->length() ?? throw Refusal::sizeNeeded();
        $publish = function (SpooledFile $file) use ($jobId, $holder): void {
            $this->publish($this->leases->require($jobId, $holder), $file);
        };
        $this->spool->useReceived($request->body()->stream(), $limit, $announced, 'The file of tiles', $sha256, $publish);
    }

    private function isRepeated(int $jobId, LeaseHolder $holder, string $sha256): bool
    {
        $job = $this->jobs->get($jobId);
        return $job->status === JobStatus::Completed && $holder->matches($job) && $this->cells->builtBy($jobId) === $sha256;
    }

    private function publish(Job $job, SpooledFile $file): void
    {
        $order = HipsOrder::ofJob($job);
        $this->requirePublic($order);
        [$tiles, $coverage] = $this->check($file, $order->cell);
        $this->publication->replaceTiles($order->cell, self::filesOf($file, $order->cell));
        $now = Utc::stored($this->clock->now());
        $this->database->transaction(function () use ($job, $order, $file, $coverage, $tiles, $now): void {
            $said = "$tiles tiles of " . count($order->stacks) . ' stacks';
            if (!$this->jobs->move($job, JobStatus::Completed, JobPublication::finalColumns($now), "worker:{$job->workerName}", 'completed', $said)) {
                throw new LeaseLost($job->id, 'the job was taken back while its tiles were stored');
            }
            $this->cells->replace($order->cell, [
                'fingerprint' => HipsOrder::fingerprint($order->sources()),
                'stacks' => count($order->stacks),
                'tiles' => $tiles,
                'coverage' => $coverage,
                'job_id' => $job->id,
                'sha256' => $file->sha256,
                'built_at' => $now,
            ]);
        });
        $this->publication->describe();
    }

    /** An owner may have decided otherwise, or a rescan have replaced the file, since the job was queued. */
    private function requirePublic(HipsOrder $order): void
    {
        if (array_diff_assoc($order->sources(), $this->stacks->hashes()) !== []) {
            throw Refusal::unusable('The stacks of this region have changed; it is built anew with the next look at all regions', 'outdated');
        }
    }

    /**
     * Looks at every file before the first one is published.
     *
     * @return array{int, string} number of tiles, and the coverage as JSON
     * @throws Refusal when something is not what belongs to the cell
     */
    private function check(SpooledFile $file, int $cell): array
    {
        [$tiles, $coverage] = [0, null];
        foreach (self::contents($file) as $name => $content) {
            $isRight = match ($name) {
                self::COVERAGE => self::isCoverage($content, $cell),
                self::SMALL => strlen($content) === AllskyPng::SMALL_BYTES,
                default => HipsFolder::isTileOf($name, $cell) && str_starts_with($content, self::PNG),
            };
            if (!$isRight) {
                throw Refusal::unusable(mb_substr(mb_scrub($name), 0, 60) . " is no file of region $cell", 'wrong_format');
            }
            $coverage = $name === self::COVERAGE ? $content : $coverage;
            $tiles += (int) str_starts_with($name, 'Norder');
        }
        return [$tiles, $coverage ?? throw Refusal::unusable(self::COVERAGE . ' is missing', 'wrong_format')];
    }

    /** @return \Generator<string, string> content by name in the folder */
    private static function filesOf(SpooledFile $file, int $cell): \Generator
    {
        foreach (self::contents($file) as $name => $content) {
            if ($name !== self::COVERAGE) {
                yield $name === self::SMALL ? HipsFolder::small($cell) : $name => $content;
            }
        }
    }

    /** @return \Generator<string, string> content by name in the archive, one at a time: together they may be large */
    private static function contents(SpooledFile $file): \Generator
    {
        $stream = fopen($file->path, 'rb');
        if ($stream === false) {
            throw new \RuntimeException("{$file->path} cannot be read");
        }
        try {
            yield from (new TarReader($stream))->files();
        } finally {
            fclose($stream);
        }
    }

    /** Whether it is a list of ranges of pixels, all of them in the cell. */
    private static function isCoverage(string $json, int $cell): bool
    {
        $ranges = json_decode($json, true, 4);
        if (!is_array($ranges) || !array_is_list($ranges)) {
            return false;
        }
        foreach ($ranges as $range) {
            [$first, $last] = is_array($range) && array_keys($range) === [0, 1] ? $range : [null, null];
            if (!is_int($first) || !is_int($last) || $first > $last || HipsPlan::cellOf($first) !== $cell || HipsPlan::cellOf($last) !== $cell) {
                return false;
            }
        }
        return true;
    }
}
