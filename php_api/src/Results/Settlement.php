<?php

declare(strict_types=1);

namespace CrowdSky\Results;

use CrowdSky\Jobs\JobStatus;

/**
 * What became of a reported result: it is in the archive, or waits for a second opinion.
 */
final class Settlement
{
    public const HELD = 'held';

    /** @param list<string> $alarms what an operator should know about other results of the job */
    private function __construct(
        public readonly ?int $stackId,
        public readonly array $alarms,
    ) {
    }

    /** @param list<string> $alarms */
    public static function published(int $stackId, array $alarms = []): self
    {
        return new self($stackId, $alarms);
    }

    /** @param list<string> $alarms */
    public static function held(array $alarms = []): self
    {
        return new self(null, $alarms);
    }

    /** @return array<string, mixed> the answer of complete_job */
    public function toJson(): array
    {
        return [
            'ok' => true,
            'status' => $this->stackId === null ? self::HELD : JobStatus::Completed->value,
            'stack_id' => $this->stackId,
        ];
    }
}
