<?php

declare(strict_types=1);

namespace CrowdSky\Series;

use CrowdSky\Base\Refusal;
use CrowdSky\Jobs\Job;

/** Which series a job makes: of which stack, and in parts of how many seconds. */
final class SeriesOrder
{
    /** Seconds of a part that are offered. */
    public const CHOICES = [60, 120, 300];
    public const MIN_SECONDS = 60;
    public const MAX_SECONDS = 450;

    private function __construct(public readonly int $stackId, public readonly int $seconds)
    {
    }

    /** @throws Refusal for a length that no series has */
    public static function with(int $stackId, int $seconds): self
    {
        if ($seconds < self::MIN_SECONDS || $seconds > self::MAX_SECONDS) {
            throw Refusal::badInput("'seconds' must be from " . self::MIN_SECONDS . ' to ' . self::MAX_SECONDS)->at('seconds');
        }
        return new self($stackId, $seconds);
    }

    public static function ofJob(Job $job): self
    {
        return new self((int) ($job->options['stack_id'] ?? 0), (int) ($job->options['seconds'] ?? 0));
    }

    public function toJson(): string
    {
        return json_encode(['stack_id' => $this->stackId, 'seconds' => $this->seconds], JSON_THROW_ON_ERROR);
    }

    /** @return array<string, int> as workers get it */
    public function toWire(): array
    {
        return ['seconds' => $this->seconds];
    }
}
