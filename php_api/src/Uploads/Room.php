<?php

declare(strict_types=1);

namespace CrowdSky\Uploads;

/** How much a user may keep in raw subs and has used; files that are being uploaded count as used. */
final class Room
{
    /** @param int|null $quotaBytes null for a user without a limit */
    public function __construct(public readonly ?int $quotaBytes, public readonly int $usedBytes)
    {
    }

    /** Returns null for a user without a limit. */
    public function remainingBytes(): ?int
    {
        return $this->quotaBytes === null ? null : max(0, $this->quotaBytes - $this->usedBytes);
    }

    public function holds(int $bytes): bool
    {
        return $this->quotaBytes === null || $this->usedBytes + $bytes <= $this->quotaBytes;
    }

    /** @return array{quota_bytes: int|null, remaining_bytes: int|null} */
    public function asJson(): array
    {
        return ['quota_bytes' => $this->quotaBytes, 'remaining_bytes' => $this->remainingBytes()];
    }
}
