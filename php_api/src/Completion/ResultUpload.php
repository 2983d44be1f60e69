<?php

declare(strict_types=1);

namespace CrowdSky\Completion;

use CrowdSky\Base\Refusal;
use CrowdSky\Http\Request;
use CrowdSky\Jobs\Job;
use CrowdSky\Jobs\LeaseHolder;
use CrowdSky\Jobs\LeaseLost;
use CrowdSky\Queue\LeaseKeeper;
use CrowdSky\Results\ResultKind;
use CrowdSky\Results\ResultPath;
use CrowdSky\Results\StackVerifier;
use CrowdSky\Storage\ObjectExists;
use CrowdSky\Storage\ObjectStorage;
use CrowdSky\Storage\Spool;
use CrowdSky\Storage\SpooledFile;

/**
 * Stores a result under the name of its run for a worker that has no access to the storage.
 */
final class ResultUpload
{
    /** Largest picture or star list, in bytes. */
    private const MAX_COMPANION_BYTES = 32 << 20;

    public function __construct(
        private readonly LeaseKeeper $leases,
        private readonly Spool $spool,
        private readonly ObjectStorage $storage,
        private readonly StackVerifier $verifier,
        private readonly string $storageBase,
        private readonly int $maxStackBytes,
    ) {
    }

    /**
     * Receives the body, checks its hash and stores it. Sending the same bytes again is harmless.
     *
     * @param string $kind a ResultKind
     * @return array{path: string, file_size_bytes: int, sha256: string}
     * @throws LeaseLost unless the holder has the lease before and after the transfer
     * @throws Refusal when the body has no size or no hash, is too large, or is not what the headers say
     */
    public function receive(Request $request, int $jobId, LeaseHolder $holder, string $kind): array
    {
        $kind = ResultKind::tryFrom($kind)
            ?? throw Refusal::badInput("'kind' must be one of " . implode(', ', array_column(ResultKind::cases(), 'value')));
        $announced = $request->body()->length() ?? throw Refusal::sizeNeeded();
        $expected = self::announcedHash($request);
        $job = $this->leases->require($jobId, $holder);
        $this->leases->touch($job);
        $limit = $kind === ResultKind::Stack ? $this->maxStackBytes : self::MAX_COMPANION_BYTES;
        $file = $this->spool->receive($request->body()->stream(), $limit, $announced, "The {$kind->label()}", Spool::RESERVE_AT_RESULTS);
        try {
            $this->checkContent($file, $kind, $expected);
            $job = $this->leases->require($jobId, $holder);
            $this->leases->touch($job);
            $path = $this->store($job, $file, $kind);
        } finally {
            $file->discard();
        }
        return ['path' => $path, 'file_size_bytes' => $file->size, 'sha256' => $file->sha256];
    }

    private static function announcedHash(Request $request): string
    {
        $hash = strtolower((string) $request->header('X-SHA256'));
        if (preg_match('/^[0-9a-f]{64}$/D', $hash) !== 1) {
            throw Refusal::badInput('The header X-SHA256 must carry the SHA-256 of the body as 64 hex digits');
        }
        return $hash;
    }

    /** Checks only the hash and the first bytes; the structure of a stack is checked when the job is completed. */
    private function checkContent(SpooledFile $file, ResultKind $kind, string $expected): void
    {
        if (!hash_equals($expected, $file->sha256)) {
            throw Refusal::unusable("The {$kind->label()} arrived with other bytes than X-SHA256 names; send it again", 'hash_mismatch');
        }
        $start = $kind->start();
        if (file_get_contents($file->path, length: strlen($start)) !== $start) {
            throw Refusal::unusable("The {$kind->label()} is not {$kind->format()}", 'wrong_format');
        }
    }

    private function store(Job $job, SpooledFile $file, ResultKind $kind): string
    {
        $names = ResultPath::ofJob($this->storageBase, $job->userId, $job->objectName, $job->chunkKey, $job->id);
        $path = $names->attempt($kind, $job->attemptTag());
        try {
            $this->storage->put($file, $path);
        } catch (ObjectExists $taken) {
            if (!$this->verifier->holds($path, $file->sha256)) {
                throw $taken;
            }
        }
        return $path;
    }
}
