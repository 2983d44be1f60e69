<?php

declare(strict_types=1);

namespace CrowdSky\Pages\Nights;

use CrowdSky\Accounts\User;
use CrowdSky\Jobs\Job;
use CrowdSky\Jobs\JobKind;
use CrowdSky\Pages\Texts;
use CrowdSky\Rescans\RescanState;

/** The state, the material and the events of a job in the reader's language. */
final class JobWords
{
    /** Tag of a run, which makes the names of its files unique. */
    private const TAG = '/\ba([0-9]{1,4})-[0-9a-f]{8}\b/';
    private const RUN = '/^run ([0-9]+) of ([0-9]+): /';
    /** Path of a file in the storage, and what introduces it. */
    private const PATH = '~,?\s*(?<![\w.])/?(?:[\w.+-]+/){1,8}[\w.+-]+\.(?:fits|fit|png|jpg|json|csv)\b~';

    public static function state(Texts $texts, Job $job): string
    {
        return $job->kind === JobKind::Rescan ? self::rescan($texts, RescanState::word($job->status)) : self::status($texts, $job->status->value);
    }

    /** @param string $state see RescanState */
    public static function rescan(Texts $texts, string $state): string
    {
        return match ($state) {
            RescanState::SUBMITTED => $texts->say('submitted'),
            RescanState::PROCESSING => $texts->say('working'),
            RescanState::SOLVED => $texts->say('solved'),
            default => $texts->say('failed'),
        };
    }

    public static function status(Texts $texts, string $status): string
    {
        return match ($status) {
            'pending' => $texts->say('waiting'),
            'processing' => $texts->say('working'),
            'retry' => $texts->say('will retry'),
            'completed' => $texts->say('done'),
            'failed' => $texts->say('failed'),
            'cancelled' => $texts->say('cancelled'),
            default => $status,
        };
    }

    /** A number of chunks in a state, such as `3 waiting`. */
    public static function counted(Texts $texts, string $status, int $n): string
    {
        return $texts->number($n) . ' ' . self::status($texts, $status);
    }

    /** What a job works on. */
    public static function material(Texts $texts, Job $job): string
    {
        return match ($job->kind) {
            JobKind::Stack, JobKind::Check => $texts->count($job->frameCount, '{n} sub', '{n} subs'),
            JobKind::Uploaded => $texts->say('uploaded stack'),
            JobKind::Rescan => $texts->say('rescan'),
            JobKind::Hips => $texts->say('sky tiles'),
            JobKind::Calibrate => $texts->say('calibration'),
            JobKind::Series => $texts->count($job->frameCount, 'series of {n} sub', 'series of {n} subs'),
            JobKind::Hats => $texts->say('light curves'),
        };
    }

    /** Who has done something: a worker by its name, its reader as `you`, and the site itself. */
    public static function actor(Texts $texts, string $actor, User $reader): string
    {
        return match (true) {
            $actor === $reader->actor() => $texts->say('you'),
            $actor === 'system' => $texts->say('the site'),
            str_starts_with($actor, 'worker:') => $texts->say('worker {name}', ['name' => substr($actor, strlen('worker:'))]),
            str_starts_with($actor, 'user:') => $reader->isAdmin() ? $texts->say('user {name}', ['name' => substr($actor, strlen('user:'))]) : $texts->say('an admin'),
            default => $actor,
        };
    }

    public static function event(Texts $texts, string $event): string
    {
        return match ($event) {
            'created' => $texts->say('queued'),
            'subs_added' => $texts->say('subs added'),
            'claimed' => $texts->say('taken by a worker'),
            'completed' => $texts->say('done'),
            'cancelled' => $texts->say('cancelled'),
            'requeued' => $texts->say('queued again'),
            'released' => $texts->say('handed back'),
            'priority' => $texts->say('priority changed'),
            'merged' => $texts->say('merged'),
            'split' => $texts->say('split'),
            'regrouping undone' => $texts->say('merged or split undone'),
            'superseded' => $texts->say('went into another stack'),
            'held' => $texts->say('result waits for a second opinion'),
            'accepted' => $texts->say('result accepted'),
            'result confirmed' => $texts->say('result confirmed by another worker'),
            'result rejected' => $texts->say('result rejected'),
            'result found wrong' => $texts->say('result found wrong'),
            'revived' => $texts->say('queued again, for a new stack'),
            'adopted' => $texts->say('found in storage and taken into the archive'),
            'raws deleted' => $texts->say('subs deleted from the site'),
            'fail, will retry' => $texts->say('did not succeed, will be tried again'),
            'fail, given up' => $texts->say('did not succeed, given up'),
            'expired, will retry' => $texts->say('the worker fell silent, will be tried again'),
            'expired, given up' => $texts->say('the worker fell silent, given up'),
            'deleted' => $texts->say('deleted'),
            'stack not verified' => $texts->say('stack missing or damaged in the archive'),
            'stack intact again' => $texts->say('stack intact again'),
            'stack not listed' => $texts->say('stack intact, but not listed by the storage'),
            'file not verified' => $texts->say('a file beside the stack is missing or damaged'),
            'leftovers removed' => $texts->say('what was left over is removed'),
            'orphan deleted', 'orphan moved to trash' => $texts->say('a file of nobody is removed'),
            default => str_replace('_', ' ', $event),
        };
    }

    /** The detail of an event without what only operators know: tags of runs and paths in the storage. */
    public static function detail(Texts $texts, string $detail): string
    {
        if (preg_match(self::RUN, $detail, $match) === 1) {
            return $texts->say('try {n} of at most {most}', ['n' => $match[1], 'most' => $match[2]]) . ': ' . self::detail($texts, substr($detail, strlen($match[0])));
        }
        $detail = $texts->repeat((string) preg_replace(self::PATH, '', $detail));

        return (string) preg_replace_callback(self::TAG, static fn (array $match): string => $texts->say('try {n}', ['n' => $match[1]]), $detail);
    }
}
