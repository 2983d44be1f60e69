<?php

declare(strict_types=1);

namespace CrowdSky\Uploads;

use CrowdSky\Chunks\Closeness;
use CrowdSky\Chunks\FrameGroup;
use CrowdSky\Database\Database;
use CrowdSky\Jobs\JobRevival;

/**
 * Finds the job for each chunk of newly uploaded subs: none if their light is in a job already, the one whose stack of it
 * was lost, one that still waits for a worker, or a new one. Runs inside the transaction of finalize.
 *
 * An exposure is in one job of its owner, so that no two stacks, and none by itself, claim more exposure than there was
 * time. The first sub of it is stacked; what shows the same light, copied or saved with another header, is left out.
 */
final class ChunkPlacement
{
    public function __construct(
        private readonly Database $database,
        private readonly JobRevival $revival,
        private readonly ChunkJobs $jobs,
        private readonly LeftOutSubs $leftOut,
        private readonly Closeness $closeness,
    ) {
    }

    public function place(UploadSession $session, string $actor, UploadedLight $light, FinalizeWish $wish): void
    {
        foreach ($light->copies as [$sub, $same]) {
            $this->leftOut->leaveOut($sub, $same, null);
        }
        $earlier = new EarlierLight($this->database, $session->userId, array_merge(...$light->chunks), $wish->replacesStacks);
        $byBlock = [];
        foreach ($light->chunks as $subs) {
            foreach ($this->newOnes($earlier, $subs) as $new) {
                $byBlock[$new[0]->frame->timeBlock][] = $new;
            }
        }
        foreach ($byBlock as $block => $together) {
            $queued = new QueuedChunks($this->database, $session->userId, (string) $block, $this->closeness);
            $this->placeTogether($session, $actor, $together, $queued, $earlier);
        }
    }

    /**
     * Leaves out what is in a job already. What remains of a chunk may be no chunk any more: a sub that linked others is
     * not among it.
     *
     * @param non-empty-list<RawSub> $subs of one chunk
     * @return list<non-empty-list<RawSub>>
     */
    private function newOnes(EarlierLight $earlier, array $subs): array
    {
        [$new, $stacked, $waiting] = [[], [], []];
        $isHeld = [];
        foreach ($subs as $sub) {
            $done = $earlier->stackedAs($sub);
            $queued = $done === null ? $earlier->waitingAs($sub) : null;
            $jobId = (int) $queued?->first->jobId;
            match (true) {
                $done !== null => $stacked[] = [$sub, $done],
                $queued !== null && ($isHeld[$jobId] ??= $this->jobs->holdUnfinished($jobId)) => $waiting[] = [$sub, $queued],
                default => $new[] = $sub,
            };
        }
        if (count($stacked) === count($subs)) {
            $this->leftOut->skip(RawSub::group($subs));

            return [];
        }
        foreach ($stacked as [$sub, $same]) {
            $this->leftOut->leaveOut($sub, $same, null);
        }
        foreach ($waiting as [$sub, $same]) {
            $this->leftOut->leaveOut($sub, $same, $same->first->jobId);
        }

        return count($new) === count($subs) ? [$subs] : RawSub::chunks($new, $this->closeness);
    }

    /** @param non-empty-list<non-empty-list<RawSub>> $chunks of one block of time */
    private function placeTogether(UploadSession $session, string $actor, array $chunks, QueuedChunks $queued, EarlierLight $earlier): void
    {
        $joining = [];
        foreach ($chunks as $subs) {
            $group = RawSub::group($subs);
            $jobId = $this->revivedJob($queued, $earlier, $subs, $actor) ?? $this->waitingJob($queued, $group, $joining);
            if ($jobId === null) {
                $this->jobs->create($session, $actor, $group, $subs);
            } else {
                $queued->extend($jobId, $group);
                $joining[$jobId] ??= [];
                array_push($joining[$jobId], ...$subs);
            }
        }
        foreach ($joining as $jobId => $subs) {
            $this->jobs->add($jobId, $queued->subsOf($jobId), $subs, $actor);
        }
    }

    /**
     * Queues the job once more whose stack of these subs was lost or shall be replaced, so that a new one takes its place.
     *
     * @param non-empty-list<RawSub> $subs
     */
    private function revivedJob(QueuedChunks $queued, EarlierLight $earlier, array $subs, string $actor): ?int
    {
        foreach ($earlier->replaceableWith($subs) as $jobId) {
            if ($this->revive($jobId, $actor, $earlier->replacesStacks)) {
                $queued->takeBack($jobId);
                return $jobId;
            }
        }

        return null;
    }

    private function revive(int $jobId, string $actor, bool $replacesStack): bool
    {
        return $replacesStack
            ? $this->revival->reviveToReplace($jobId, $actor, 'subs of its stack were uploaded again, to replace it')
            : $this->revival->revive($jobId, $actor, 'its stack is damaged; subs of it were uploaded again');
    }

    /** @param array<int, mixed> $heldBack by the jobs that are already kept from being claimed */
    private function waitingJob(QueuedChunks $queued, FrameGroup $group, array $heldBack): ?int
    {
        foreach ($queued->waitingFor($group) as $jobId) {
            if (isset($heldBack[$jobId]) || $this->jobs->holdBack($jobId)) {
                return $jobId;
            }
        }

        return null;
    }
}
