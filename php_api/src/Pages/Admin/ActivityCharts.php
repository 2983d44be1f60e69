<?php

declare(strict_types=1);

namespace CrowdSky\Pages\Admin;

use CrowdSky\Pages\Figures;
use CrowdSky\Pages\Texts;
use CrowdSky\Statistics\Activity;
use CrowdSky\Statistics\Period;
use CrowdSky\Statistics\StorageLevels;
use CrowdSky\Statistics\Work;

/** The charts of the summary in the admin's language. */
final class ActivityCharts
{
    public function __construct(private readonly Texts $texts, private readonly Period $period)
    {
    }

    /** @return list<Chart> */
    public function all(Activity $activity, StorageLevels $levels): array
    {
        $work = $activity->work($this->period);

        return [
            $this->jobs($work),
            $this->waits($activity->waits($this->period)),
            $this->frames($work),
            $this->rejected($activity->rejected($this->period)),
            $this->hours($work),
            $this->storage($levels->over($this->period)),
        ];
    }

    private function jobs(Work $work): Chart
    {
        $series = [];
        foreach ($work->done as $kind => $counts) {
            $series[OperatorWords::kind($this->texts, $kind)] = $counts;
        }
        $failed = $this->texts->say('Failed tries');
        $series[$failed] = $work->failed;
        $title = match ($this->period) {
            Period::Day => $this->texts->say('Jobs per hour'),
            Period::Week => $this->texts->say('Jobs per 6 hours'),
            Period::Month => $this->texts->say('Jobs per day'),
        };
        $done = array_sum(array_map(array_sum(...), $work->done));
        $bad = array_sum($work->failed);
        $sum = $this->texts->say('{done} done, {failed} failed tries', ['done' => $this->texts->number($done), 'failed' => $this->texts->number($bad)]);

        return new Chart('jobs', $title, Chart::BARS, Chart::COUNT, $series, $sum, $failed);
    }

    /** @param list<array{median: ?int, p90: ?int, n: int}> $waits */
    private function waits(array $waits): Chart
    {
        $n = array_sum(array_column($waits, 'n'));

        return new Chart('waits', $this->texts->say('Waiting for a worker'), Chart::LINES, Chart::SECONDS, [
            $this->texts->say('Half of the jobs, at most') => array_column($waits, 'median'),
            $this->texts->say('9 of 10 jobs, at most') => array_column($waits, 'p90'),
        ], $this->texts->count($n, '{n} job was taken', '{n} jobs were taken'));
    }

    private function frames(Work $work): Chart
    {
        $n = array_sum($work->frames);

        return new Chart('frames', $this->texts->say('Subs stacked'), Chart::BARS, Chart::COUNT, [
            $this->texts->say('Subs in stacks') => $work->frames,
        ], $this->texts->count($n, '{n} sub', '{n} subs'));
    }

    /** @param array<string, list<int>> $rejected */
    private function rejected(array $rejected): Chart
    {
        $series = [];
        foreach ($rejected as $cause => $counts) {
            $series[OperatorWords::cause($this->texts, $cause)] = $counts;
        }
        $n = array_sum(array_map(array_sum(...), $rejected));

        return new Chart('rejected', $this->texts->say('Subs left out of stacks'), Chart::BARS, Chart::COUNT, $series, $this->texts->count($n, '{n} sub', '{n} subs'));
    }

    private function hours(Work $work): Chart
    {
        $hours = array_map(static fn (int $seconds): float => round($seconds / 3600, 2), $work->seconds);
        $sum = $this->texts->say('{n} hours', ['n' => $this->texts->number(array_sum($hours), 1)]);

        return new Chart('hours', $this->texts->say('Hours of workers'), Chart::BARS, Chart::HOURS, [$this->texts->say('Hours') => $hours], $sum);
    }

    /** @param list<array{raw: int, archive: int, free: ?int}|null> $levels */
    private function storage(array $levels): Chart
    {
        $of = static fn (string $name): array => array_map(static fn (?array $level): ?int => $level[$name] ?? null, $levels);
        $known = array_values(array_filter($levels));
        $last = end($known);
        $sum = $last === false
            ? $this->texts->say('not measured yet: cleanup does it')
            : $this->texts->say('archive {size}, grown by {growth}', [
                'size' => Figures::bytes($this->texts, $last['archive']),
                'growth' => Figures::bytes($this->texts, max(0, $last['archive'] - $known[0]['archive'])),
            ]);

        return new Chart('storage', $this->texts->say('Storage'), Chart::LINES, Chart::BYTES, [
            $this->texts->say('Archive') => $of('archive'),
            $this->texts->say('Subs kept') => $of('raw'),
        ], $sum);
    }
}
