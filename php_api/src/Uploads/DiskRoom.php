<?php

declare(strict_types=1);

namespace CrowdSky\Uploads;

use CrowdSky\Base\Clock;
use CrowdSky\Base\Format;
use CrowdSky\Base\Logger;
use CrowdSky\Base\Refusal;
use CrowdSky\Storage\Spool;

/**
 * Keeps room on the disk of the data folder for the results of waiting jobs: subs are refused before they take it, since
 * a full disk is freed only by jobs that are completed. Results may use it.
 */
final class DiskRoom
{
    /** Seconds between two log entries of the same kind. */
    private const SILENCE = 600;
    /** Seconds for which the reserve is not counted again while there is plenty of room: a long queue takes 0.1 s. */
    private const COUNTED_SECONDS = 10;
    /** More than what subs, and the results of their jobs, can take meanwhile. */
    private const PLENTY_BYTES = 20 << 30;

    /** @param int $minFreeBytes room besides the reserve below which the operator is alarmed */
    public function __construct(
        private readonly ExpectedResults $expected,
        private readonly Logger $log,
        private readonly Clock $clock,
        private readonly string $dataDir,
        private readonly int $minFreeBytes,
    ) {
    }

    public function reserve(): ResultReserve
    {
        return $this->expected->reserve();
    }

    /** Returns the bytes that subs may still take; null if that cannot be found out. */
    public function leftForSubs(ResultReserve $reserve): ?int
    {
        $free = @disk_free_space($this->dataDir);
        return $free === false ? null : (int) $free - Spool::RESERVE_BYTES - $reserve->bytes;
    }

    /**
     * Call it before the first byte of a sub is stored.
     *
     * @param int $bytes size of the sub
     * @throws Refusal when the sub would take the room of results
     */
    public function requireForSub(int $bytes): void
    {
        if ($this->hasPlenty()) {
            return;
        }
        $reserve = $this->reserve();
        $left = $this->leftForSubs($reserve);
        if ($left === null) {
            return;
        }
        @file_put_contents($this->notes('counted'), "{$this->now()} {$reserve->bytes}", LOCK_EX);
        $kept = Format::bytes($reserve->bytes);
        $jobs = Format::count($reserve->jobs, 'waiting job', 'waiting jobs');
        // The sub may begin a new job, whose result needs room too.
        if ($left < $bytes + ExpectedResults::ofFrame($bytes)) {
            $this->alarm('refused', "subs are refused: the disk of the data folder is full but for the $kept that the results of $jobs need");
            throw Refusal::noRoom("The site takes no subs at the moment: its disk is full but for the $kept that it keeps for the results of $jobs."
                . ' Send this file again later; what you have sent so far is safe and can be finalized');
        }
        if ($left < $this->minFreeBytes) {
            $this->alarm('short', 'subs will soon be refused: the disk of the data folder has only ' . Format::bytes($left)
                . " left besides the $kept that the results of $jobs need");
        }
    }

    private function hasPlenty(): bool
    {
        [$countedAt, $bytes] = explode(' ', (string) @file_get_contents($this->notes('counted'))) + [0, 0];
        $isRecent = abs($this->now() - (int) $countedAt) < self::COUNTED_SECONDS;
        return $isRecent && $this->leftForSubs(new ResultReserve((int) $bytes, 0)) > $this->minFreeBytes + self::PLENTY_BYTES;
    }

    private function alarm(string $kind, string $message): void
    {
        $stamp = $this->notes($kind);
        if (abs($this->now() - (int) @file_get_contents($stamp)) >= self::SILENCE) {
            @file_put_contents($stamp, (string) $this->now());
            $this->log->error($message);
        }
    }

    private function notes(string $kind): string
    {
        return "{$this->dataDir}/log/disk-$kind";
    }

    private function now(): int
    {
        return $this->clock->now()->getTimestamp();
    }
}
