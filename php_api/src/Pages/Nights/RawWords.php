<?php

declare(strict_types=1);

namespace CrowdSky\Pages\Nights;

use CrowdSky\Base\Format;
use CrowdSky\Jobs\Job;
use CrowdSky\Jobs\JobStatus;
use CrowdSky\Pages\Texts;

/** When the raw subs of chunks leave the site, in words. */
final class RawWords
{
    /** @param array<int, array{stored: int, due: ?string}> $raws by job id */
    public function __construct(private readonly array $raws, private readonly int $failedRawDays)
    {
    }

    public function of(Texts $texts, Job $job): string
    {
        $raws = $this->raws[$job->id] ?? null;

        return match (true) {
            $raws === null => $texts->say('Its raw subs are deleted.'),
            !$job->status->isFinished() => $texts->say('Its raw subs stay until it is stacked.'),
            $job->status !== JobStatus::Completed && $job->completedAt !== null => $texts->say('Its raw subs stay until {when}, so that it can be tried again.', ['when' => $this->endOf($job->completedAt)]),
            $raws['due'] !== null => $texts->say('Its raw subs are deleted after {when}.', ['when' => Format::time($raws['due'])]),
            default => $texts->say('Its raw subs are kept.'),
        };
    }

    private function endOf(string $stored): string
    {
        $end = (new \DateTimeImmutable($stored, new \DateTimeZone('UTC')))->modify("+{$this->failedRawDays} days");

        return Format::time($end->format('Y-m-d H:i:s'));
    }
}
