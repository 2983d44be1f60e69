<?php

declare(strict_types=1);

namespace CrowdSky\Uploads;

use CrowdSky\Accounts\User;
use CrowdSky\Base\Refusal;
use CrowdSky\Fits\FinishedStack;
use CrowdSky\Storage\Spool;
use CrowdSky\Storage\SpooledFile;

/** Receives finished stacks from people's own programs, and queues them to be solved and measured. */
final class StackReceiver
{
    public function __construct(
        private readonly Quota $quota,
        private readonly DiskRoom $disk,
        private readonly Spool $spool,
        private readonly StackQueue $queue,
        private readonly int $maxBytes,
        private readonly int $chunkMinutes,
    ) {
    }

    /**
     * The same bytes again get the same job, and are stored again only where its stack was lost.
     *
     * @param resource $source the bytes
     * @throws Refusal when the file is no finished stack, is too large, or there is no room for it
     */
    public function receive(User $user, PostedFile $sent, mixed $source, StackWish $wish): QueuedStack
    {
        $name = DisplayName::of($sent->name);
        if ($sent->bytes > $this->maxBytes) {
            throw Refusal::tooLarge('The stack', $this->maxBytes);
        }
        $this->disk->requireForSub($sent->bytes);
        $reservation = $this->quota->reserve($user, $sent->bytes);
        try {
            $file = $this->spool->receive($source, $this->maxBytes, $sent->bytes, 'The stack');

            return $this->take($user, $name, $sent->name, $file, $wish, $reservation);
        } finally {
            $this->quota->release($reservation);
        }
    }

    private function take(User $user, DisplayName $name, string $sentName, SpooledFile $file, StackWish $wish, ?int $reservation): QueuedStack
    {
        try {
            $known = $this->queue->known($user, $file->sha256, $wish);
            if ($known !== null) {
                return $known;
            }
            $stack = UploadedStack::of(FinishedStack::read($file->path), StackName::of($sentName), $wish, $this->chunkMinutes);

            return $this->queue->add($user, $name, $file, $stack, $wish, $reservation);
        } finally {
            $file->discard();
        }
    }
}
