<?php

declare(strict_types=1);

namespace CrowdSky\Jobs;

/**
 * The secret that proves a lease. It is derived, so that repeating a claim gives the same token while the database
 * holds only its hash.
 */
final class LeaseToken
{
    public function __construct(private readonly string $serverSecret)
    {
    }

    /**
     * @param string $startedAt start of the lease: a job that is handed back and claimed again with the same claim id
     *        gets another token
     * @return string 64 hex digits
     */
    public function derive(int $jobId, int $attempt, string $claimId, string $startedAt): string
    {
        return hash_hmac('sha256', "$jobId|$attempt|$claimId|$startedAt", $this->serverSecret);
    }

    public static function hash(string $token): string
    {
        return hash('sha256', $token);
    }

    /** Short name of a run, safe in file names. */
    public static function attemptTag(int $attempt, string $tokenHash): string
    {
        return "a$attempt-" . substr($tokenHash, 0, 8);
    }
}
