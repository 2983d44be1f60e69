<?php

declare(strict_types=1);

namespace CrowdSky\Pages\Nights;

use CrowdSky\Jobs\JobStatus;
use CrowdSky\Pages\Texts;

/** What became of an upload, in the reader's language: that its subs have arrived is not the end that its owner waits for. */
final class UploadWords
{
    /**
     * @param string $status of the session
     * @param array<string, int> $jobs number of its jobs by their status
     */
    public static function outcome(Texts $texts, string $status, array $jobs): string
    {
        return match ($status) {
            'uploading' => $texts->say('not finished'),
            'expired' => $texts->say('expired'),
            'discarded' => $texts->say('discarded'),
            'failed' => $texts->say('failed'),
            'complete' => self::ofJobs($texts, $jobs),
            default => $status,
        };
    }

    /** @param array<string, int> $jobs */
    private static function ofJobs(Texts $texts, array $jobs): string
    {
        $stacked = $jobs[JobStatus::Completed->value] ?? 0;
        $lost = ($jobs[JobStatus::Failed->value] ?? 0) + ($jobs[JobStatus::Cancelled->value] ?? 0);

        return match (true) {
            array_sum($jobs) === 0 => $texts->say('nothing to stack'),
            array_sum($jobs) > $stacked + $lost => $texts->say('being stacked'),
            $lost === 0 => $texts->say('stacked'),
            $stacked === 0 => $texts->say('not stacked'),
            default => $texts->say('partly stacked'),
        };
    }
}
