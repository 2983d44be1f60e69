<?php

declare(strict_types=1);

namespace CrowdSky\Queue;

use CrowdSky\Base\Clock;
use CrowdSky\Base\Refusal;
use CrowdSky\Database\Database;
use CrowdSky\Database\DuplicateKey;
use CrowdSky\Jobs\Claimant;
use CrowdSky\Jobs\Job;
use CrowdSky\Jobs\JobStatus;
use CrowdSky\Trust\KnownAnswers;

/**
 * Hands out jobs: highest priority first, then the oldest; each to one worker only.
 *
 * A claim picks candidates and takes one by compare-and-swap, which needs no locks and works the same on both engines.
 */
final class JobQueue
{
    /** Number of jobs that a claim tries in one round. */
    private const CANDIDATES = 8;
    private const ROUNDS = 5;

    public function __construct(
        private readonly Database $database,
        private readonly QueueOrder $order,
        private readonly KnownAnswers $knownAnswers,
        private readonly LeaseReaper $reaper,
        private readonly ClockCorrection $correction,
        private readonly LeaseIssuer $leases,
        private readonly LeaseLimit $limit,
        private readonly Clock $clock,
    ) {
    }

    /**
     * Leases the next job to a worker. The same claim id gets the same lease again while that lease lives, so a lost
     * answer costs nothing. A lease that a power cut undoes costs its run, as if the worker had died.
     *
     * @param string|null $claimId chosen by the worker; null for older workers
     * @return Lease|null null when there is nothing to do, or the key holds as many jobs as it may
     * @throws Refusal when other workers were faster in every round
     */
    public function claim(Claimant $claimant, ?string $claimId): ?Lease
    {
        if (!$this->hasAnswer($claimant->apiKeyId, $claimId)) {
            return null;
        }
        return $this->database->forgettable(fn (): ?Lease => $claimId === null
            ? $this->claimNew($claimant, 'server-' . bin2hex(random_bytes(16)))
            : $this->claimOnce($claimant, $claimId));
    }

    private function claimOnce(Claimant $claimant, string $claimId): ?Lease
    {
        try {
            // If nothing is left, another process may just have answered the same claim.
            return $this->leases->reissue($claimant->apiKeyId, $claimId)
                ?? $this->claimNew($claimant, $claimId)
                ?? $this->leases->reissue($claimant->apiKeyId, $claimId);
        } catch (DuplicateKey) {
            // Another process did, and this one tried to add a second job; the other's lease is the answer.
            return $this->leases->reissue($claimant->apiKeyId, $claimId)
                ?? throw Refusal::unavailable('This claim is being answered already; please ask again', 1);
        }
    }

    /**
     * Whether a job is waiting, has a lease to end or to shorten, or is leased under this claim. Idle workers poll
     * often, and this one query answers them. It sees one state of the queue, so no job can slip through between its
     * parts.
     */
    private function hasAnswer(int $apiKeyId, ?string $claimId): bool
    {
        return (bool) $this->database->value(
            'SELECT EXISTS (SELECT 1 FROM stacking_jobs WHERE status = :pending)
                 OR EXISTS (SELECT 1 FROM stacking_jobs WHERE status = :retry)
                 OR EXISTS (SELECT 1 FROM stacking_jobs WHERE status = :processing AND lease_expires_at <= :now)
                 OR EXISTS (SELECT 1 FROM stacking_jobs WHERE status = :running AND lease_expires_at > :latest)
                 OR EXISTS (SELECT 1 FROM stacking_jobs WHERE api_key_id = :key AND claim_id = :claim)',
            [
                'pending' => JobStatus::Pending->value,
                'retry' => JobStatus::Retry->value,
                'processing' => JobStatus::Processing->value,
                'now' => $this->clock->milliseconds(),
                'running' => JobStatus::Processing->value,
                'latest' => $this->correction->latestExpiry(),
                'key' => $apiKeyId,
                'claim' => $claimId,
            ],
        );
    }

    private function claimNew(Claimant $claimant, string $claimId): ?Lease
    {
        // Waiting jobs may be of other kinds or not due yet; workers that cannot get them do not take the write lock.
        $isWaiting = !$this->limit->isReached($claimant)
            && $this->order->first(1, $claimant, $this->clock->milliseconds()) !== [];
        if (!$isWaiting && !$this->reaper->hasWork()) {
            return null;
        }
        return $this->database->transaction(function () use ($claimant, $claimId, $isWaiting): ?Lease {
            $this->reaper->reap();
            $this->limit->lock($claimant);
            if ($this->limit->isReached($claimant)) {
                return null;
            }
            // Only instead of other work: a job handed out when nothing waits would give itself away as a check.
            $check = $isWaiting ? $this->knownAnswers->draw($claimant) : null;
            return $check === null ? $this->take($claimant, $claimId) : $this->leases->issue($check, $claimant, $claimId);
        });
    }

    private function take(Claimant $claimant, string $claimId): ?Lease
    {
        for ($round = 0; $round < self::ROUNDS; $round++) {
            $candidates = $this->order->first(self::CANDIDATES, $claimant, $this->clock->milliseconds());
            foreach ($candidates as $row) {
                $lease = $this->leases->issue(Job::fromRow($row), $claimant, $claimId);
                if ($lease !== null) {
                    return $lease;
                }
            }
            if ($candidates === []) {
                return null;
            }
        }
        throw Refusal::unavailable('Many workers ask at once; please ask again', 1);
    }
}
