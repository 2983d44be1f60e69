<?php

declare(strict_types=1);

namespace CrowdSky\Jobs;

/** What a running job has taken so far, and how long it will still take if it goes as comparable runs did. */
final class RunEstimate
{
    /** A step that has taken so many times as long as usual is late, and nobody knows how long it will go on. */
    private const LATE = 2.0;
    /** Seconds by which a step may always be late: heartbeats come some seconds apart. */
    private const SLACK = 10.0;

    private readonly ?string $step;

    /**
     * @param array<string, float> $taken seconds by step of this run, the present one so far
     * @param array<string, float> $usual seconds by step; empty without a comparable run
     */
    public function __construct(private readonly Job $job, public readonly array $taken, public readonly array $usual)
    {
        $this->step = RunSteps::at($job->stage ?? '');
    }

    /** Whether the present step takes much longer than usual. */
    public function isLate(): bool
    {
        $usual = $this->usual[$this->step ?? ''] ?? null;

        return $usual !== null && ($this->taken[$this->step ?? ''] ?? 0.0) > self::LATE * $usual + self::SLACK;
    }

    /** @return float|null seconds until the end; null where it is not known. What waits for a free processor is not in it. */
    public function left(): ?float
    {
        if ($this->usual === [] || $this->step === null || $this->isLate()) {
            return null;
        }
        $left = ($this->usual[$this->step] ?? 0.0) * (1.0 - $this->done());
        foreach (array_slice(RunSteps::ALL, (int) array_search($this->step, RunSteps::ALL, true) + 1) as $later) {
            $left += $this->usual[$later] ?? 0.0;
        }

        return $left;
    }

    /** Share of the present step that is done, 0 to 1. */
    private function done(): float
    {
        return match (true) {
            $this->job->stage === 'complete' => 1.0,
            $this->job->stage !== $this->step => 0.0,
            default => min(1.0, max(0.0, $this->job->progress ?? 0.0)),
        };
    }
}
