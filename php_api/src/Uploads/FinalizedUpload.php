<?php

declare(strict_types=1);

namespace CrowdSky\Uploads;

/** What became of an upload session: the jobs of its subs, and the chunks that needed none. */
final class FinalizedUpload
{
    /**
     * @param list<int> $jobIds
     * @param list<int> $queuedIds those of the jobs that got subs of this upload, not only copies of what they had
     * @param list<string> $chunks labels of all those jobs, in the order of their ids
     * @param list<string> $healpixChunks the same labels in the form with a pixel
     * @param list<string> $skipped labels of chunks whose subs had all been stacked before
     * @param list<string> $healpixSkipped the same labels in the form with a pixel
     * @param list<array{filename: string, reason: string}> $leftOut other subs that show light of another sub
     */
    public function __construct(
        public readonly array $jobIds,
        public readonly array $queuedIds,
        public readonly array $chunks,
        public readonly array $healpixChunks,
        public readonly array $skipped,
        public readonly array $healpixSkipped,
        public readonly array $leftOut,
    ) {
    }
}
