<?php

declare(strict_types=1);

namespace CrowdSky\Queue;

use CrowdSky\Base\Clock;
use CrowdSky\Base\Refusal;
use CrowdSky\Base\Utc;
use CrowdSky\Database\Database;
use CrowdSky\Hosts\HostIdentity;
use CrowdSky\Jobs\Claimant;
use CrowdSky\Jobs\Job;
use CrowdSky\Jobs\JobEvents;
use CrowdSky\Jobs\JobStatus;
use CrowdSky\Jobs\JobStore;
use CrowdSky\Jobs\LeaseToken;
use CrowdSky\Jobs\StageTimes;

/**
 * Issues leases, and the same lease again to a worker that repeats its claim. JobQueue decides which job it is.
 */
final class LeaseIssuer
{
    public function __construct(
        private readonly Database $database,
        private readonly JobStore $jobs,
        private readonly LeaseToken $tokens,
        private readonly Clock $clock,
        private readonly LeaseTerm $term,
        private readonly HostIdentity $host,
    ) {
    }

    /** @return Lease|null null when another worker was faster */
    public function issue(Job $job, Claimant $claimant, string $claimId): ?Lease
    {
        $attempt = $job->attempts + 1;
        $now = Utc::stored($this->clock->now());
        $token = $this->tokens->derive($job->id, $attempt, $claimId, $now);
        $tokenHash = LeaseToken::hash($token);
        $taken = $this->jobs->move($job, JobStatus::Processing, [
            'attempts' => $attempt,
            'api_key_id' => $claimant->apiKeyId,
            'worker_name' => $claimant->workerName,
            'claim_id' => $claimId,
            'lease_token_hash' => $tokenHash,
            'lease_expires_at' => $this->term->expiry($job->kind, $now),
            'heartbeat_at' => $now,
            'stage' => 'claimed',
            'progress' => 0.0,
            'progress_message' => null,
            'stage_times' => StageTimes::claimed($this->clock->milliseconds())->stored(),
            'not_before' => null,
            'last_outcome' => null,
            'started_at' => $now,
            'completed_at' => null,
        ], "worker:{$claimant->workerName}", JobEvents::CLAIMED, LeaseToken::attemptTag($attempt, $tokenHash));
        return $taken ? new Lease($this->jobs->get($job->id), $token) : null;
    }

    /**
     * Renews the lease that a claim has got before.
     *
     * @return Lease|null null when the claim has no living lease
     * @throws Refusal when the lease was issued with another secret; the claim gets a new lease once that one has run out
     */
    public function reissue(int $apiKeyId, string $claimId): ?Lease
    {
        $row = $this->database->one(
            'SELECT * FROM stacking_jobs WHERE api_key_id = :key AND claim_id = :claim AND status = :status AND lease_expires_at > :now',
            ['key' => $apiKeyId, 'claim' => $claimId, 'status' => JobStatus::Processing->value, 'now' => $this->clock->milliseconds()],
        );
        if ($row === null) {
            return null;
        }
        $job = Job::fromRow($row);
        $token = $this->tokens->derive($job->id, $job->attempts, $claimId, $row['started_at']);
        if (!hash_equals((string) $job->leaseTokenHash, LeaseToken::hash($token))) {
            // Every later call would refuse this token; the lease is left to run out.
            throw $this->host->unavailable(HostIdentity::OTHER_SECRET);
        }
        $renewed = $this->jobs->update($job, ['lease_expires_at' => $this->term->expiry($job->kind, $row['started_at'])]);
        return $renewed ? new Lease($job, $token) : null;
    }
}
