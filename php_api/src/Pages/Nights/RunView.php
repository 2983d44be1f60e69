<?php

declare(strict_types=1);

namespace CrowdSky\Pages\Nights;

use CrowdSky\Jobs\Job;
use CrowdSky\Pages\Texts;

/** What a page shows of a job that runs: its stage, how far that is, and how long the job still takes. */
final class RunView
{
    /** `align 3 of 6`, as workers count what they do in a stage. */
    private const COUNTED = '/^[a-z ]{0,40}?([0-9]{1,9}) of ([0-9]{1,9})$/D';
    /** Stages that are over at once or wait, so that a share of them says nothing. */
    private const WITHOUT_SHARE = ['claimed', 'list', 'wait', 'complete'];

    /** @param list<array{string, string}> $steps word, and `done`, `now` or `later` */
    private function __construct(
        /** what the worker does, in the reader's language */
        public readonly string $doing,
        /** of the stage, 0 to 100; null where the stage has no share worth showing */
        public readonly ?int $percent,
        /** what the worker says besides, empty for nothing */
        public readonly string $detail,
        public readonly array $steps,
        /** in the reader's language; empty where it is not known */
        public readonly string $left,
    ) {
    }

    /** @param float|null $secondsLeft of the whole job; null where it is not known */
    public static function of(Texts $texts, Job $job, ?float $secondsLeft): self
    {
        $stage = $job->stage ?? '';

        return new self(
            StageWords::doing($texts, $stage),
            in_array($stage, self::WITHOUT_SHARE, true) ? null : (int) floor(100 * min(1.0, max(0.0, $job->progress ?? 0.0))),
            self::detail($texts, $job->progressMessage ?? ''),
            self::steps($texts, $job),
            self::left($texts, $secondsLeft),
        );
    }

    private static function detail(Texts $texts, string $message): string
    {
        return preg_match(self::COUNTED, $message, $match) === 1
            ? $texts->say('{done} of {all}', ['done' => $texts->number((int) $match[1]), 'all' => $texts->number((int) $match[2])])
            : $message;
    }

    /** @return list<array{string, string}> */
    private static function steps(Texts $texts, Job $job): array
    {
        $names = StageWords::steps($job->kind);
        $now = array_search(StageWords::stepOf($job->stage ?? ''), $names, true);
        if ($now === false) {
            return [];
        }
        $state = static fn (int $number): string => ['done', 'now', 'later'][($number <=> $now) + 1];

        return array_map(static fn (int $number): array => [StageWords::step($texts, $names[$number]), $state($number)], array_keys($names));
    }

    private static function left(Texts $texts, ?float $seconds): string
    {
        return match (true) {
            $seconds === null => '',
            $seconds < 60.0 => $texts->say('less than a minute left'),
            default => $texts->count((int) round($seconds / 60.0), 'about {n} minute left', 'about {n} minutes left'),
        };
    }
}
