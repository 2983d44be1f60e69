<?php

declare(strict_types=1);

namespace CrowdSky\Rescans;

/** What became of all unmeasured stacks. */
final class UnmeasuredReport
{
    private int $found = 0;
    private int $queued = 0;
    private int $underWay = 0;
    private int $failed = 0;

    public function __construct(private readonly bool $isDryRun)
    {
    }

    public function add(UnmeasuredBatch $batch): void
    {
        $this->found += count($batch->stacks);
        $this->queued += count($batch->queued->jobIds);
        $this->underWay += $batch->underWay;
        $this->failed += $batch->failed;
    }

    public function asText(): string
    {
        // Stacks that were found but not queued got a rescan from somebody else meanwhile.
        $underWay = $this->underWay + ($this->isDryRun ? 0 : $this->found - $this->queued);
        $leftOut = array_filter([
            $underWay === 0 ? null : "$underWay with a rescan under way",
            $this->failed === 0 ? null : "{$this->failed} whose last rescan brought no measurement (--retry-failed takes them too)",
        ]);
        $start = $this->isDryRun ? "dry run, nothing changed; to be queued: {$this->found}" : "queued: {$this->queued}";
        return "stacks that were not measured: $start; left out: " . ($leftOut === [] ? '0' : implode(', ', $leftOut)) . "\n";
    }
}
