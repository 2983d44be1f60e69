<?php

declare(strict_types=1);

namespace CrowdSky\Pages\Admin;

use CrowdSky\Statistics\WorkerWeek;

/** A worker as its operator sees it. Times are in stored form. */
final class WorkerRow
{
    /**
     * @param array<string, mixed> $worker row of workers, with key_name and revoked_at
     * @param array<string, float> $stages median seconds of each step, in their order
     * @param list<array<string, mixed>> $running jobs: id and stage
     * @param int $held its results that wait for a second opinion
     */
    public function __construct(
        public readonly array $worker,
        public readonly ?string $lastAddress,
        public readonly WorkerWeek $week,
        public readonly array $stages,
        public readonly array $running,
        public readonly int $held,
        public readonly bool $isSilent,
    ) {
    }

    public function name(): string
    {
        return $this->worker['worker_name'];
    }
}
