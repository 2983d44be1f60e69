<?php

declare(strict_types=1);

namespace CrowdSky\Jobs;

use CrowdSky\Workers\ApiKey;
use CrowdSky\Workers\TrustLevel;

/**
 * Who says to hold a lease: the key it signed in with and, except for workers of the older contract, the token.
 */
final class LeaseHolder
{
    private function __construct(
        public readonly int $apiKeyId,
        public readonly ?string $token,
        public readonly TrustLevel $level,
        /** results of a volunteer in a row that others agreed with */
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
