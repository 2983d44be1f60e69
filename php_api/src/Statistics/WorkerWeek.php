<?php

declare(strict_types=1);

namespace CrowdSky\Statistics;

/** What a worker did in the last seven days, and in the last 24 hours of them. */
final class WorkerWeek
{
    public int $doneOfDay = 0;
    public int $framesOfDay = 0;
    public int $done = 0;
    public int $frames = 0;
    public int $failed = 0;
    public int $seconds = 0;

    /** @param bool $isNew whether it was within the last 24 hours */
    public function add(int $done, int $failed, int $frames, int $seconds, bool $isNew): void
    {
        $this->done += $done;
        $this->failed += $failed;
        $this->frames += $frames;
        $this->seconds += $seconds;
        if ($isNew) {
            $this->doneOfDay += $done;
            $this->framesOfDay += $frames;
        }
    }

    /** Share of the runs that failed; null without a run that ended well or badly. */
    public function failureShare(): ?float
    {
        $all = $this->done + $this->failed;

        return $all === 0 ? null : $this->failed / $all;
    }
}
