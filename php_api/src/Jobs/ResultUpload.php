<?php

declare(strict_types=1);

namespace CrowdSky\Jobs;

use CrowdSky\Http\HttpError;
use CrowdSky\Http\Request;
use CrowdSky\Storage\ObjectExists;
use CrowdSky\Storage\ObjectStorage;
use CrowdSky\Storage\Spool;
use CrowdSky\Storage\SpooledFile;
use CrowdSky\Storage\StoragePath;

/**
 * Stores a result for a worker that has no access to the storage itself, under the name of its run.
 */
final class ResultUpload
{
    private const MAX_THUMBNAIL_BYTES = 8 << 20;
    /** First bytes by kind; the whole structure is checked when the job is completed. */
    private const START = ['stack' => 'SIMPLE  =', 'thumbnail' => "\x89PNG\r\n\x1a\n"];

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
     * Receives the body, compares its hash, then stores it. Sending the same bytes again is harmless.
     *
     * @param string $kind stack or thumbnail
     * @return array{path: string, file_size_bytes: int, sha256: string}
     * @throws LeaseLost unless the holder has the lease before and after the transfer
     * @throws HttpError 400, 411, 413, 422, 507
     */
    public function receive(Request $request, int $jobId, LeaseHolder $holder, string $kind): array
    {
        if (!isset(self::START[$kind])) {
            throw HttpError::badRequest("'kind' must be stack or thumbnail");
        }
        $announced = $request->contentLength() ?? throw HttpError::lengthRequired();
        $expected = self::announcedHash($request);
        $job = $this->leases->require($jobId, $holder);
        $this->leases->touch($job);
        $limit = $kind === 'stack' ? $this->maxStackBytes : self::MAX_THUMBNAIL_BYTES;
        $file = $this->spool->receive($request->stream(), $limit, $announced, "The $kind");
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
            throw HttpError::badRequest('The header X-SHA256 must carry the SHA-256 of the body as 64 hex digits');
        }
        return $hash;
    }

    private function checkContent(SpooledFile $file, string $kind, string $expected): void
    {
        if (!hash_equals($expected, $file->sha256)) {
            throw HttpError::unprocessable("The $kind arrived with other bytes than X-SHA256 names; send it again", 'hash_mismatch');
        }
        $start = self::START[$kind];
        if (file_get_contents($file->path, length: strlen($start)) !== $start) {
            throw HttpError::unprocessable($kind === 'stack' ? 'The stack is not a FITS file' : 'The thumbnail is not a PNG', 'wrong_format');
        }
    }

    private function store(Job $job, SpooledFile $file, string $kind): string
    {
        $names = StoragePath::ofJob($this->storageBase, $job->userId, $job->objectName, $job->chunkKey, $job->id);
        $path = $kind === 'stack' ? $names->attemptStack($job->attemptTag()) : $names->attemptThumbnail($job->attemptTag());
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
