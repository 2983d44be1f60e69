<?php

declare(strict_types=1);

namespace CrowdSky\Jobs;

/**
 * Who says to hold a lease: the key it signed in with and, except for workers of the older contract, the token.
 */
final class LeaseHolder
{
    public function __construct(
        public readonly int $apiKeyId,
        public readonly ?string $token,
        /** whether its operator is trusted with everything, such as where frames were taken */
        public readonly bool $isTrusted = false,
    ) {
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
