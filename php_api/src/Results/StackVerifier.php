<?php

declare(strict_types=1);

namespace CrowdSky\Results;

use CrowdSky\Base\Refusal;
use CrowdSky\Fits\FitsOutline;
use CrowdSky\Jobs\Job;
use CrowdSky\Jobs\JobKind;
use CrowdSky\Storage\ObjectMissing;
use CrowdSky\Storage\ObjectStorage;

/**
 * Reads a reported result back from storage, byte by byte, before it is accepted.
 */
final class StackVerifier
{
    public function __construct(
        private readonly ObjectStorage $storage,
        private readonly StackExpectations $expectations,
        private readonly ArchivedCopy $archived,
    ) {
    }

    /**
     * @param Job|null $job null for a stack that was found in storage and whose job is unknown
     * @throws Refusal `not_stored` when the stack or its thumbnail is absent, incomplete, of another format or not what
     *                 the report says; `not_a_stack` when it is whole but holds no stack of the job
     */
    public function verify(?Job $job, CompletionReport $report): VerifiedResult
    {
        $outline = new FitsOutline();
        $stack = $this->verifyStack($outline, $report->path, $report->size, $report->sha256);
        $this->requireSubstance($job, $report, $outline);
        $thumbnail = $report->pathOf(ResultKind::Thumbnail);
        if ($thumbnail !== null) {
            $this->verifyCompanion(ResultKind::Thumbnail, $thumbnail, $report->thumbnailSize);
        }
        return new VerifiedResult(
            $stack,
            $report->path,
            $report->beside->filtered($this->isThere(...)),
            $outline->primary(),
            new ReadBack(
                StackImages::of($outline),
                $outline->tellsPlace(),
                in_array($job?->kind, [JobKind::Stack, JobKind::Uploaded], true) && !$job->replacesStack && $this->archived->isIntact($job->id),
            ),
        );
    }

    /**
     * Whether the object at $path exists and has exactly these bytes.
     */
    public function holds(string $path, string $sha256): bool
    {
        try {
            return hash_equals($sha256, $this->read($path, null)->sha256);
        } catch (ObjectMissing) {
            return false;
        }
    }

    private function requireSubstance(?Job $job, CompletionReport $report, FitsOutline $file): void
    {
        $isRescan = $job?->kind === JobKind::Rescan;
        $problem = StackSubstance::problem($file, $this->expectations->of($job, $report))
            ?? ($isRescan ? $this->archived->problem($job, $file) : null);
        if ($problem === null) {
            return;
        }
        $hint = $isRescan ? 'The archived stack stays as it is' : 'Storing the same file again does not help; stack the frames again';
        throw Refusal::unusable("The stack is not accepted: $problem. $hint", 'not_a_stack');
    }

    private function verifyStack(FitsOutline $outline, string $path, ?int $size, ?string $sha256): VerifiedObject
    {
        $stored = $this->readThrough($path, $outline->feed(...));
        $this->compare(ResultKind::Stack, $stored, $size, $sha256);
        $problem = $outline->problem();
        if ($problem !== null) {
            throw Refusal::unusable("The stored stack cannot be used: $problem", 'not_stored');
        }
        return $stored;
    }

    private function verifyCompanion(ResultKind $kind, string $path, ?int $size): void
    {
        $start = '';
        $wanted = $kind->start();
        $stored = $this->readThrough($path, static function (string $piece) use (&$start, $wanted): void {
            $start .= substr($piece, 0, strlen($wanted) - strlen($start));
        });
        $this->compare($kind, $stored, $size, null);
        if ($start !== $wanted) {
            throw Refusal::unusable("The stored {$kind->label()} is not {$kind->format()}", 'not_stored');
        }
    }

    /**
     * Verifies a file without which a stack is complete, so that a missing one is simply left out; the thumbnail has been
     * verified already.
     */
    private function isThere(ResultKind $kind, string $path): bool
    {
        if ($kind === ResultKind::Thumbnail) {
            return true;
        }
        if ($this->storage->size($path) === null) {
            return false;
        }
        $this->verifyCompanion($kind, $path, null);
        return true;
    }

    /** @param callable(string): void $look */
    private function readThrough(string $path, callable $look): VerifiedObject
    {
        try {
            return $this->read($path, $look);
        } catch (ObjectMissing) {
            throw Refusal::unusable("$path is not in storage; upload it first", 'not_stored');
        }
    }

    /** @param (callable(string): void)|null $look */
    private function read(string $path, ?callable $look): VerifiedObject
    {
        $hash = hash_init('sha256');
        $size = 0;
        $this->storage->read($path, static function (string $piece) use ($hash, $look, &$size): void {
            hash_update($hash, $piece);
            $size += strlen($piece);
            if ($look !== null) {
                $look($piece);
            }
        });
        return new VerifiedObject($size, hash_final($hash));
    }

    private function compare(ResultKind $kind, VerifiedObject $stored, ?int $size, ?string $sha256): void
    {
        if ($size !== null && $stored->size !== $size) {
            throw Refusal::unusable("The stored {$kind->label()} has {$stored->size} bytes, not $size; upload it again", 'not_stored');
        }
        if ($sha256 !== null && !hash_equals($stored->sha256, $sha256)) {
            throw Refusal::unusable("The stored {$kind->label()} holds other bytes than reported; upload it again", 'not_stored');
        }
    }
}
