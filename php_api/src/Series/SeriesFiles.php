<?php

declare(strict_types=1);

namespace CrowdSky\Series;

use CrowdSky\Base\Refusal;
use CrowdSky\Custody\StorageGate;
use CrowdSky\Http\FileResponse;
use CrowdSky\Http\Request;
use CrowdSky\Http\Response;
use CrowdSky\Jobs\Job;
use CrowdSky\Results\StackVerifier;
use CrowdSky\Stacks\Stack;
use CrowdSky\Stacks\StackTransfer;
use CrowdSky\Storage\ObjectExists;
use CrowdSky\Storage\ObjectStorage;
use CrowdSky\Storage\SpooledFile;

/** The files of series in storage. */
final class SeriesFiles
{
    /** Seconds until a series may be sent again that did not read back. */
    private const RETRY_SECONDS = 30;

    public function __construct(
        private readonly ObjectStorage $storage,
        private readonly StackVerifier $verifier,
        private readonly StorageGate $gate,
        private readonly SeriesStore $series,
        private readonly string $storageBase,
    ) {
    }

    /**
     * Stores the file of a run and reads it back. That of an earlier run goes: it was never proven, or it was damaged.
     *
     * @return string its path
     * @throws Refusal when it does not read back, and when the series is not wanted any more
     * @throws \CrowdSky\Storage\StorageUnavailable
     */
    public function store(Series $series, Job $job, SeriesOrder $order, SpooledFile $file): string
    {
        $path = SeriesPath::ofRun($this->storageBase, $job, $order);
        if ($series->path !== null && $series->path !== $path) {
            $this->gate->deletePublished($series->stackId, $series->path);
        }
        if (!$this->series->announce($series, $path)) {
            throw Refusal::unusable('The series is not wanted any more', 'outdated');
        }
        try {
            $this->storage->put($file, $path);
        } catch (ObjectExists) {
            // The answer to an earlier request of this run was lost; whether these are the same bytes is read back.
        }
        if (!$this->verifier->holds($path, $file->sha256)) {
            $this->gate->deletePublished($series->stackId, $path);
            throw Refusal::unavailable('The series does not read back from storage; send it again', self::RETRY_SECONDS);
        }
        return $path;
    }

    /** @throws Refusal when there is no such series, or the storage does not hold it as it was archived */
    public function send(Request $request, Stack $stack, int $seconds, bool $isForOwner): Response
    {
        $series = $this->series->find($stack->id, $seconds);
        if ($series === null || !$series->isThere()) {
            throw Refusal::notFound("There is no series of $seconds s of stack {$stack->id}");
        }
        [$path, $bytes] = [(string) $series->path, (int) $series->bytes];
        if ($this->storage->size($path) !== $bytes) {
            throw Refusal::notFound('This series is missing or damaged in storage; please tell the operator.');
        }
        set_time_limit(0);
        $name = substr($stack->downloadName($isForOwner), 0, -strlen('.fits')) . "_{$seconds}s.fits";
        $print = fn (int $offset, int $length) => $this->storage->read($path, StackTransfer::send(...), $offset, $length);
        return FileResponse::streamed($request, $bytes, (string) $series->sha256, 'application/fits', $name, $print);
    }
}
