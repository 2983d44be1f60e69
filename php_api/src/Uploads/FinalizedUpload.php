<?php

declare(strict_types=1);

namespace CrowdSky\Uploads;

/** What became of an upload session: the jobs of its subs, and the chunks that needed none. */
final class FinalizedUpload
{
    /**
     * @param list<int> $jobIds
     * @param list<string> $chunks labels of those jobs, in the same order
     * @param list<string> $skipped labels of chunks whose subs had all been stacked before
     * @param list<array{filename: string, reason: string}> $leftOut other subs that show light of another sub
     */
    public function __construct(
        public readonly array $jobIds,
        public readonly array $chunks,
        public readonly array $skipped,
        public readonly array $leftOut,
    ) {
    }
}
