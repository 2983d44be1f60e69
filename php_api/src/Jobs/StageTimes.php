<?php

declare(strict_types=1);

namespace CrowdSky\Jobs;

/** When each stage of a run began, by the site's clock as heartbeats arrived. A stage that was over at once may be missing. */
final class StageTimes
{
    /** @param array<string, int> $began unix milliseconds by stage, in order */
    private function __construct(private readonly array $began)
    {
    }

    /** Of a run that was claimed at a time, unix milliseconds. */
    public static function claimed(int $now): self
    {
        return new self(['claimed' => $now]);
    }

    /** @param string|null $stored null for runs of which nothing was recorded, as before there were these times */
    public static function ofStored(?string $stored): self
    {
        return new self($stored === null ? [] : json_decode($stored, true, 2, JSON_THROW_ON_ERROR));
    }

    public function stored(): ?string
    {
        return $this->began === [] ? null : json_encode($this->began, JSON_THROW_ON_ERROR);
    }

    /** With the begin of a stage; one that is entered again goes on, and one that is not known is part of the one before. */
    public function entering(string $stage, int $now): self
    {
        return RunSteps::at($stage) === null || isset($this->began[$stage]) || $this->began === []
            ? $this
            : new self($this->began + [$stage => max($now, max($this->began))]);
    }

    /**
     * How long each stage took: until the next one began, the last one until the end.
     *
     * @param int|null $end of the last stage, unix milliseconds; null while it goes on
     * @return array<string, ?float> seconds by stage, in order; null for the one that goes on
     */
    public function lengths(?int $end): array
    {
        $lengths = [];
        $stages = array_keys($this->began);
        foreach ($stages as $number => $stage) {
            $next = isset($stages[$number + 1]) ? $this->began[$stages[$number + 1]] : $end;
            $lengths[$stage] = $next === null ? null : max(0.0, ($next - $this->began[$stage]) / 1000.0);
        }

        return $lengths;
    }

    /**
     * What each step took, without the time that was only waited.
     *
     * @param int $end of the last stage, unix milliseconds
     * @return array<string, float> seconds by step
     */
    public function seconds(int $end): array
    {
        $seconds = [];
        $stages = array_keys($this->began);
        foreach ($stages as $number => $stage) {
            $next = isset($stages[$number + 1]) ? $this->began[$stages[$number + 1]] : max($end, $this->began[$stage]);
            $step = $stage === RunSteps::WAIT ? null : RunSteps::at($stage);
            if ($step !== null) {
                $seconds[$step] = ($seconds[$step] ?? 0.0) + ($next - $this->began[$stage]) / 1000.0;
            }
        }

        return $seconds;
    }
}
