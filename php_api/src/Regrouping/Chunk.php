<?php

declare(strict_types=1);

namespace CrowdSky\Regrouping;

use CrowdSky\Chunks\Frame;
use CrowdSky\Jobs\Job;
use CrowdSky\Uploads\RawSub;

/** A job that stacks subs, with those that are stored. */
final class Chunk
{
    /**
     * @param list<RawSub> $subs in order of time
     * @param int|null $stackId of the stack that it has made and that is in the archive
     * @param string|null $problem why it can be neither merged nor split now, as a sentence without its full stop
     */
    public function __construct(
        public readonly Job $job,
        public readonly array $subs,
        public readonly ?int $stackId,
        public readonly ?string $problem,
    ) {
    }

    /** @return list<Frame> */
    public function frames(): array
    {
        return array_map(static fn (RawSub $sub): Frame => $sub->frame, $this->subs);
    }

    /** @return list<string> the different blocks of its subs, in order of time */
    public function blocks(): array
    {
        $blocks = array_values(array_unique(array_map(static fn (RawSub $sub): string => $sub->frame->timeBlock, $this->subs)));
        sort($blocks);

        return $blocks;
    }

    /** When its first sub was taken; stored form. */
    public function begin(): string
    {
        return ($this->subs[0] ?? null)?->exposure->startedAt ?? $this->blocks()[0] ?? '';
    }
}
