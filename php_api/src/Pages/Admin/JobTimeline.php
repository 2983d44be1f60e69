<?php

declare(strict_types=1);

namespace CrowdSky\Pages\Admin;

use CrowdSky\Accounts\User;
use CrowdSky\Base\Format;
use CrowdSky\Jobs\JobRun;
use CrowdSky\Jobs\RunSteps;
use CrowdSky\Pages\Figures;
use CrowdSky\Pages\Nights\JobWords;
use CrowdSky\Pages\Nights\StageWords;
use CrowdSky\Pages\Texts;

/** What happened to a job, to the second: its tries with the time of each stage, and its events in an operator's words. */
final class JobTimeline
{
    /** Width of the bar of a try, in the units of its drawing. */
    public const WIDTH = 1000.0;

    /** @param list<JobRun> $runs oldest first */
    public function __construct(private readonly Texts $texts, private readonly User $reader, private readonly array $runs)
    {
    }

    /** @return list<array{title: string, facts: string, stages: list<array{word: string, kind: string, length: string, x: float, width: float}>}> */
    public function tries(): array
    {
        $longest = max([1.0, ...array_map(self::total(...), $this->runs)]);

        return array_map(fn (JobRun $run): array => [
            'title' => $this->texts->say('Try {n}, worker {name}', ['n' => $run->attempt, 'name' => $run->workerName ?? Format::NONE]),
            'facts' => $this->facts($run),
            'stages' => $this->stages($run, self::WIDTH / $longest),
        ], $this->runs);
    }

    /**
     * @param list<array{at: string, actor: string, event: string, detail: ?string}> $events oldest first
     * @return list<array{at: string, after: string, who: string, what: string, detail: string}>
     */
    public function events(array $events): array
    {
        $shown = [];
        foreach ($events as $number => $event) {
            $seconds = $number === 0 ? null : self::second($event['at']) - self::second($events[$number - 1]['at']);
            $shown[] = [
                'at' => $event['at'],
                'after' => $seconds === null ? '' : $this->texts->say('after {time}', ['time' => Figures::seconds($this->texts, $seconds)]),
                'who' => JobWords::actor($this->texts, $event['actor'], $this->reader),
                'what' => JobWords::event($this->texts, $event['event']),
                'detail' => ucfirst(trim(JobWords::detail($this->texts, $event['detail'] ?? ''))) ?: Format::NONE,
            ];
        }

        return $shown;
    }

    private function facts(JobRun $run): string
    {
        return implode(', ', array_filter([
            $run->waited === null ? '' : $this->texts->say('after a wait of {time}', ['time' => Figures::seconds($this->texts, $run->waited)]),
            $run->seconds === null ? $this->texts->say('under way') : $this->texts->say('took {time}', ['time' => Figures::seconds($this->texts, $run->seconds)]),
            $run->outcome === null ? '' : JobWords::event($this->texts, $run->outcome),
        ]));
    }

    /** @return list<array{word: string, kind: string, length: string, x: float, width: float}> */
    private function stages(JobRun $run, float $unit): array
    {
        $stages = [];
        $x = 0.0;
        foreach ($run->stageTimes->lengths($run->endedMs()) as $stage => $seconds) {
            $stages[] = [
                'word' => StageWords::doing($this->texts, (string) $stage),
                // Stages in which a worker waits or only begins have one colour.
                'kind' => in_array($stage, RunSteps::ALL, true) ? $stage : 'rest',
                'length' => $seconds === null ? $this->texts->say('still') : Figures::seconds($this->texts, $seconds),
                'x' => $x,
                'width' => ($seconds ?? 0.0) * $unit,
            ];
            $x += ($seconds ?? 0.0) * $unit;
        }

        return $stages;
    }

    private static function total(JobRun $run): float
    {
        return array_sum($run->stageTimes->lengths($run->endedMs()));
    }

    private static function second(string $stored): int
    {
        return (new \DateTimeImmutable($stored, new \DateTimeZone('UTC')))->getTimestamp();
    }
}
