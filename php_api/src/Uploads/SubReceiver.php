<?php

declare(strict_types=1);

namespace CrowdSky\Uploads;

use CrowdSky\Accounts\User;
use CrowdSky\Base\Refusal;
use CrowdSky\Chunks\ChunkKey;
use CrowdSky\Fits\HeaderReader;
use CrowdSky\Fits\PixelMark;
use CrowdSky\Storage\Spool;
use CrowdSky\Storage\SpooledFile;

/** Receives one sub, checks its header, stores the file and records it. */
final class SubReceiver
{
    public function __construct(
        private readonly UploadSessions $sessions,
        private readonly Quota $quota,
        private readonly DiskRoom $disk,
        private readonly Spool $spool,
        private readonly HeaderReader $reader,
        private readonly SubStore $store,
        private readonly int $maxFileBytes,
        private readonly int $chunkMinutes,
    ) {
    }

    /**
     * @param string $sentName the file name as the client gave it
     * @param resource $source the bytes
     * @param int|null $announced number of bytes to come, if the client announced it
     * @param string|null $sha256 hex, if the client named the hash of the file
     * @return array<string, mixed> the answer for the client
     * @throws Refusal when this file cannot be taken, which does not affect others: it is no raw sub, too large or
     *                 without a size where one is needed, there is no room for it, or the session takes no more files
     */
    public function receive(User $user, string $token, string $sentName, mixed $source, ?int $announced, ?string $sha256 = null): array
    {
        $session = $this->sessions->open($user, $token);
        $name = DisplayName::of($sentName);
        $reservation = $this->reserve($user, $announced);
        try {
            $file = $this->spool->receive($source, $this->maxFileBytes, $announced, 'The file');
            self::requireHash($file, $sha256);
            $answer = $this->take($user, $session, $name, $file, $reservation);
        } finally {
            $this->quota->release($reservation);
        }

        return $answer + $this->quota->room($user)->asJson();
    }

    private function reserve(User $user, ?int $announced): ?int
    {
        if ($announced === null && $this->quota->room($user)->quotaBytes !== null) {
            throw Refusal::sizeNeeded();
        }
        if ($announced > $this->maxFileBytes) {
            throw Refusal::tooLarge('The file', $this->maxFileBytes);
        }
        $this->disk->requireForSub($announced ?? $this->maxFileBytes);

        return $this->quota->reserve($user, $announced ?? 0);
    }

    /** @throws Refusal for other bytes than those that were sent */
    private static function requireHash(SpooledFile $file, ?string $sha256): void
    {
        if ($sha256 !== null && !hash_equals($file->sha256, strtolower(trim($sha256)))) {
            $file->discard();
            throw Refusal::unusable('The file arrived with other bytes than X-SHA256 names; send it again', 'hash_mismatch');
        }
    }

    /** @return array<string, mixed> */
    private function take(User $user, UploadSession $session, DisplayName $name, SpooledFile $file, ?int $reservation): array
    {
        try {
            $frame = $this->reader->read($file->path);
            $chunkKey = ChunkKey::of($frame->dateObs->block($this->chunkMinutes), $frame->position);
            $sub = new ArrivedSub($user, $session, $name, $file, $frame, $chunkKey, PixelMark::of($file->path));
            $isNew = $this->store->keepUnlessKnown($sub, $reservation);
        } finally {
            $file->discard();
        }

        return self::answer($sub) + ($isNew ? [] : ['duplicate' => true]);
    }

    /** @return array<string, mixed> */
    private static function answer(ArrivedSub $sub): array
    {
        return [
            'ok' => true,
            'filename' => $sub->name->text,
            'date_obs' => $sub->frame->dateObs->iso(),
            'clock' => $sub->frame->clock->isLocal() ? 'local' : 'utc',
            'object' => $sub->frame->object,
            'chunk_key' => $sub->chunkKey->label,
            'chunk_key_hp' => $sub->chunkKey->healpixLabel,
        ];
    }
}
