<?php

declare(strict_types=1);

namespace CrowdSky\Pages\Nights;

use CrowdSky\Jobs\Job;
use CrowdSky\Jobs\RunEstimate;
use CrowdSky\Jobs\RunSteps;
use CrowdSky\Pages\Texts;

/** What a page shows of a job that runs: its stage, how far that is, what each step takes, and how long the job still takes. */
final class RunView
{
    /** `align 3 of 6`, as workers count what they do in a part of a stage: the share of the stage says it better. */
    private const COUNTED = '/^[a-z ]{0,40}?[0-9]{1,9} of [0-9]{1,9}$/D';
    /** Stages that are over at once or wait, so that a share of them says nothing. */
    private const WITHOUT_SHARE = ['claimed', 'list', 'wait', 'complete'];

    /** @param list<array{word: string, state: string, time: string}> $steps state: `done`, `now` or `later`; time: what it took or usually takes, empty where it is not known */
    private function __construct(
        /** what the worker does, in the reader's language */
        public readonly string $doing,
        /** of the stage, 0 to 100; null where the stage has no share worth showing */
        public readonly ?int $percent,
        /** what the worker says besides, empty for nothing */
        public readonly string $detail,
        public readonly array $steps,
        /** in the reader's language, also that it is not known */
        public readonly string $left,
    ) {
    }

    public static function of(Texts $texts, Job $job, RunEstimate $estimate): self
    {
        $stage = $job->stage ?? '';

        return new self(
            StageWords::doing($texts, $stage),
            in_array($stage, self::WITHOUT_SHARE, true) ? null : (int) floor(100 * min(1.0, max(0.0, $job->progress ?? 0.0))),
            preg_match(self::COUNTED, $job->progressMessage ?? '') === 1 ? '' : $texts->repeat($job->progressMessage ?? ''),
            self::steps($texts, $job, $estimate),
            self::left($texts, $estimate),
        );
    }

    /** @return list<array{word: string, state: string, time: string}> */
    private static function steps(Texts $texts, Job $job, RunEstimate $estimate): array
    {
        $names = RunSteps::of($job->kind);
        $step = RunSteps::at($job->stage ?? '');
        // A rescan, too, waits for a processor.
        $now = array_search($step === RunSteps::STACK && !in_array($step, $names, true) ? RunSteps::SOLVE : $step, $names, true);
        if ($now === false) {
            return [];
        }

        return array_map(static fn (int $number): array => [
            'word' => StageWords::step($texts, $names[$number]),
            'state' => ['done', 'now', 'later'][($number <=> $now) + 1],
            'time' => $number < $now
                ? self::time($texts, $estimate->taken[$names[$number]] ?? null)
                : self::about($texts, $estimate->usual[$names[$number]] ?? null),
        ], array_keys($names));
    }

    private static function about(Texts $texts, ?float $seconds): string
    {
        return $seconds === null ? '' : $texts->say('about {time}', ['time' => self::time($texts, $seconds)]);
    }

    private static function time(Texts $texts, ?float $seconds): string
    {
        return match (true) {
            $seconds === null => '',
            $seconds < 90.0 => max(1, (int) round($seconds)) . ' s',
            default => $texts->number((int) round($seconds / 60.0)) . ' min',
        };
    }

    private static function left(Texts $texts, RunEstimate $estimate): string
    {
        $seconds = $estimate->left();

        return match (true) {
            $estimate->isLate() => $texts->say('this step takes longer than usual'),
            $seconds === null => $texts->say('time left: not yet known'),
            $seconds < 60.0 => $texts->say('less than a minute left'),
            default => $texts->count((int) round($seconds / 60.0), 'about {n} minute left', 'about {n} minutes left'),
        };
    }
}
