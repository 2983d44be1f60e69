<?php

declare(strict_types=1);

namespace CrowdSky\Jobs;

use CrowdSky\Workers\ApiKey;
use CrowdSky\Workers\TrustLevel;

/**
 * A worker that asks for work, and the kinds of work it can get.
 */
final class Claimant
{
    /** @param list<JobKind> $kinds what the worker can do and its key may */
    private function __construct(
        public readonly int $apiKeyId,
        /** the person behind the key, if the site knows */
        public readonly ?int $userId,
        public readonly string $workerName,
        public readonly TrustLevel $level,
        public readonly array $kinds,
        /** whether it reads the field `clock` of frames, without which some times are wrong */
        public readonly bool $readsClocks,
    ) {
    }

    /**
     * Volunteers only stack: a rescan replaces files of the archive, tiles and calibrations are shown to all, and there is no
     * second opinion on these, nor on uploaded stacks.
     *
     * @param list<JobKind> $kinds what the worker can do
     */
    public static function with(ApiKey $key, string $workerName, array $kinds, bool $readsClocks): self
    {
        $isVolunteer = $key->level() === TrustLevel::Volunteer;
        $allowed = $isVolunteer ? array_filter($kinds, static fn (JobKind $kind): bool => $kind === JobKind::Stack) : $kinds;
        return new self($key->id, $key->userId, $workerName, $key->level(), array_values($allowed), $readsClocks);
    }
}
