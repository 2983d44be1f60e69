<?php

declare(strict_types=1);

namespace CrowdSky\Rescans;

/** Some of the unmeasured stacks, and what became of them. */
final class UnmeasuredBatch
{
    /**
     * @param list<UnmeasuredStack> $stacks that are queued, or would be without a dry run
     * @param int $underWay left out between the batch before and the end of this one: their rescan has not ended
     * @param int $failed left out there: their last rescan gave no measurement
     * @param int|null $next where the next batch begins; null after the last one
     */
    public function __construct(
        public readonly array $stacks,
        public readonly RescansQueued $queued,
        public readonly int $underWay,
        public readonly int $failed,
        public readonly ?int $next,
    ) {
    }

    /** @return array<string, mixed> the answer of api/rescan.php */
    public function toJson(): array
    {
        return [
            'ok' => true,
            'job_ids' => $this->queued->jobIds,
            'skipped' => $this->queued->skipped,
            'stacks' => array_map(static fn (UnmeasuredStack $stack): array => $stack->toJson(), $this->stacks),
            'left_out' => ['under_way' => $this->underWay, 'failed' => $this->failed],
            'next' => $this->next,
        ];
    }
}
