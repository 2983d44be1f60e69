<?php

declare(strict_types=1);

namespace CrowdSky\Queue;

use CrowdSky\Base\Clock;
use CrowdSky\Database\Database;
use CrowdSky\Jobs\Claimant;
use CrowdSky\Jobs\JobStatus;
use CrowdSky\Workers\TrustLevel;

/** Limits the jobs that one key holds at a time, so that nobody takes the whole queue. */
final class LeaseLimit
{
    /**
     * @param int $perKey leases of a standard or trusted key; 0 means no limit
     * @param int $perVolunteer leases of a volunteer's key; 0 means no limit
     */
    public function __construct(
        private readonly Database $database,
        private readonly Clock $clock,
        private readonly int $perKey,
        private readonly int $perVolunteer,
    ) {
    }

    public function isReached(Claimant $claimant): bool
    {
        $limit = $this->of($claimant);

        return $limit > 0 && $limit <= (int) $this->database->value(
            'SELECT COUNT(*) FROM stacking_jobs
              WHERE api_key_id = ? AND claim_id IS NOT NULL AND status = ? AND lease_expires_at > ?',
            [$claimant->apiKeyId, JobStatus::Processing->value, $this->clock->milliseconds()],
        );
    }

    /**
     * Lets other claims of the same key wait until this transaction ends, so that no two of them count the same leases.
     */
    public function lock(Claimant $claimant): void
    {
        if ($this->of($claimant) > 0) {
            $this->database->execute('UPDATE api_keys SET name = name WHERE id = ?', [$claimant->apiKeyId]);
        }
    }

    private function of(Claimant $claimant): int
    {
        return $claimant->level === TrustLevel::Volunteer ? $this->perVolunteer : $this->perKey;
    }
}
