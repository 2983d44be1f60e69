<?php

declare(strict_types=1);

namespace CrowdSky\Uploads;

use CrowdSky\Base\Clock;
use CrowdSky\Base\Utc;
use CrowdSky\Chunks\FrameGroup;
use CrowdSky\Database\Database;

/**
 * Records the subs of an upload that no job stacks. Their files are marked as deleted, their rows stay.
 */
final class LeftOutSubs
{
    public function __construct(private readonly Database $database, private readonly Clock $clock)
    {
    }

    /** Skips a whole chunk, because all its subs were stacked before. */
    public function skip(FrameGroup $group): void
    {
        $key = $group->chunkKey();
        foreach ($group->frameIds() as $id) {
            $this->database->execute(
                'UPDATE raw_files SET deleted_at = ?, chunk_key = ?, chunk_key_hp = ? WHERE id = ?',
                [$this->now(), $key->label, $key->healpixLabel, $id]
            );
        }
    }

    /** @param int|null $jobId of a waiting job that the upload counts as its own, because that stacks this light */
    public function leaveOut(RawSub $sub, SameLight $same, ?int $jobId): void
    {
        $this->database->execute(
            'UPDATE raw_files SET job_id = ?, deleted_at = ?, left_out = ? WHERE id = ?',
            [$jobId, $this->now(), $same->reason(), $sub->frame->id]
        );
    }

    private function now(): string
    {
        return Utc::stored($this->clock->now());
    }
}
