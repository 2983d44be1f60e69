<?php

declare(strict_types=1);

namespace CrowdSky\Jobs;

use CrowdSky\Workers\ApiKey;
use CrowdSky\Workers\TrustLevel;

/**
 * A caller that claims to hold a lease: its key and, except for older workers, the lease token.
 */
final class LeaseHolder
{
    private function __construct(
        public readonly int $apiKeyId,
        public readonly ?string $token,
        public readonly TrustLevel $level,
        /** consecutive confirmed results of a volunteer */
        public readonly int $agreedInRow,
    ) {
    }

    public static function with(ApiKey $key, ?string $token): self
    {
        return new self($key->id, $token, $key->level(), $key->agreedInRow);
    }

    /** Whether the present or last lease of $job was given to this holder. */
    public function matches(Job $job): bool
    {
        if ($job->apiKeyId !== $this->apiKeyId || $job->leaseTokenHash === null) {
            return false;
        }
        return $this->token === null || hash_equals($job->leaseTokenHash, LeaseToken::hash($this->token));
    }
}
