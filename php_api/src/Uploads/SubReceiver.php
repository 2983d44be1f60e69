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

/** Receives subs, checks their headers, stores the files and records them. */
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
            $sub = $this->read($user, $session, $name, $file, $sha256);
            $isNew = $this->store->keepUnlessKnown($sub, $reservation);
        } finally {
            isset($file) && $file->discard();
            $this->quota->release($reservation);
        }

        return self::answer($sub, $isNew) + $this->quota->room($user)->asJson();
    }

    /**
     * Receives several small files, and waits for the disk and the database once for all of them.
     *
     * @return list<array<string, mixed>> an answer for each file that arrived whole: as of receive(), or `error`, `code` and
     *     `is_final`
     * @throws Refusal when the session takes no more files, and when none of them can be stored
     */
    public function receiveBatch(User $user, string $token, SubBatch $batch): array
    {
        $session = $this->sessions->open($user, $token);
        [$answers, $subs, $files, $reservations] = [[], [], [], []];
        try {
            foreach ($batch->files() as $place => [$sentName, $source, $bytes]) {
                try {
                    $name = DisplayName::of($sentName);
                    $reservations[$place] = $this->reserve($user, $bytes);
                    $files[$place] = $this->spool->receive($source, $this->maxFileBytes, $bytes, 'The file', isFlushed: false);
                    $subs[$place] = $this->read($user, $session, $name, $files[$place], null);
                    $answers[$place] = [];
                } catch (Refusal $refusal) {
                    $answers[$place] = SubBatch::refused($refusal);
                }
            }
            $this->spool->flush(...array_intersect_key($files, $subs));
            $kept = array_map(static fn (ArrivedSub $sub, int $place): array => [$sub, $reservations[$place]], $subs, array_keys($subs));
            $isNew = array_combine(array_keys($subs), $kept === [] ? [] : $this->store->keepAll($kept));
        } finally {
            array_map(static fn (SpooledFile $file) => $file->discard(), $files);
            array_map($this->quota->release(...), $reservations);
        }
        foreach ($subs as $place => $sub) {
            $answers[$place] = self::answer($sub, $isNew[$place]);
        }

        return array_values($answers);
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

    /** @throws Refusal for what is no raw sub, and for other bytes than those that were sent */
    private function read(User $user, UploadSession $session, DisplayName $name, SpooledFile $file, ?string $sha256): ArrivedSub
    {
        if ($sha256 !== null && !hash_equals($file->sha256, strtolower(trim($sha256)))) {
            throw Refusal::unusable('The file arrived with other bytes than X-SHA256 names; send it again', 'hash_mismatch');
        }
        $frame = $this->reader->read($file->path);
        $chunkKey = ChunkKey::of($frame->dateObs->block($this->chunkMinutes), $frame->position);

        return new ArrivedSub($user, $session, $name, $file, $frame, $chunkKey, PixelMark::of($file->path));
    }

    /** @return array<string, mixed> */
    private static function answer(ArrivedSub $sub, bool $isNew): array
    {
        return [
            'ok' => true,
            'filename' => $sub->name->text,
            'date_obs' => $sub->frame->dateObs->iso(),
            'clock' => $sub->frame->clock->isLocal() ? 'local' : 'utc',
            'object' => $sub->frame->object,
            'chunk_key' => $sub->chunkKey->label,
            'chunk_key_hp' => $sub->chunkKey->healpixLabel,
        ] + ($isNew ? [] : ['duplicate' => true]);
    }
}
