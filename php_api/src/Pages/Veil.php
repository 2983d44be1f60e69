<?php

declare(strict_types=1);

namespace CrowdSky\Pages;

use CrowdSky\Accounts\User;
use CrowdSky\Fits\CardTable;
use CrowdSky\Jobs\Job;
use CrowdSky\Kernel\App;
use CrowdSky\Raws\PlainName;
use CrowdSky\Raws\RawServices;

/**
 * Hides on a page what only the owner is to read, when somebody else looks at the job or stack: the names of
 * subs, which tell local time, and texts of their headers that are not of a public form. Messages of trusted workers
 * quote both.
 */
final class Veil
{
    /** Shorter texts are hidden only where they stand alone; they could be part of any word. */
    private const SHORTEST = 4;

    /** @var array<array-key, string>|null what is hidden => what is shown; read from the database with the first text */
    private ?array $words = null;

    private function __construct(private readonly App $app, private readonly Job $job, private readonly Texts $texts)
    {
    }

    /**
     * @param User|null $viewer null without a login
     * @return self|null null for the owner, who reads everything
     */
    public static function over(App $app, Job $job, ?User $viewer, Texts $texts): ?self
    {
        return $job->userId === $viewer?->id ? null : new self($app, $job, $texts);
    }

    public function hide(string $text): string
    {
        $words = $this->words ??= $this->words();
        $long = array_filter($words, static fn (string|int $word): bool => strlen((string) $word) >= self::SHORTEST, ARRAY_FILTER_USE_KEY);
        return $words[$text] ?? strtr($text, $long);
    }

    /** @return array<array-key, string> */
    private function words(): array
    {
        $words = [];
        foreach (RawServices::of($this->app)->frames()->listing($this->job->framesJobId()) as $frame) {
            $words[$frame['filename']] = "frame_{$frame['id']}.fits";
            // Messages of workers quote the name that they were given.
            $words[PlainName::of($frame['filename'], (int) $frame['id'])] = "frame_{$frame['id']}.fits";
        }
        $texts = [
            ['OBJECT', $this->job->objectName, $this->texts->say('unnamed object')],
            ['TELESCOP', $this->job->telescope, $this->texts->say('a telescope')],
            ['FILTER', $this->job->filterName, $this->texts->say('a filter')],
        ];
        foreach ($texts as [$card, $text, $shown]) {
            if ($text !== null && $text !== '' && CardTable::get()->publicText($card, $text) === null) {
                // Paths have the name as that of a folder.
                $words[preg_replace('/[^A-Za-z0-9._+-]/u', '_', $text) ?? $text] = $this->texts->say('unknown');
                $words[$text] = $shown;
            }
        }
        return $words;
    }
}
