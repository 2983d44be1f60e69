<?php

declare(strict_types=1);

namespace CrowdSky\Rescans;

/** What became of a request for rescans. */
final class RescansQueued
{
    /**
     * @param list<int> $jobIds
     * @param list<array{stack_id: int, reason: string}> $skipped
     */
    public function __construct(public readonly array $jobIds, public readonly array $skipped)
    {
    }
}
