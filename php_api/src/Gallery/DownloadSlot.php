<?php

declare(strict_types=1);

namespace CrowdSky\Gallery;

use CrowdSky\Base\DataFolder;
use CrowdSky\Base\Refusal;

/**
 * One of the few large downloads that a user may have at a time, because each occupies a process of the web server. It is
 * a lock on a file, which ends with the process at the latest.
 */
final class DownloadSlot
{
    public const AT_ONCE = 2;
    private const RETRY_SECONDS = 60;

    /** @param resource $lock */
    private function __construct(private mixed $lock)
    {
    }

    /** @throws Refusal when the user has too many downloads already */
    public static function take(DataFolder $data, int $userId): self
    {
        for ($slot = 0; $slot < self::AT_ONCE; $slot++) {
            $lock = fopen($data->path("gallery/download-$userId-$slot.lock"), 'c');
            if ($lock !== false && flock($lock, LOCK_EX | LOCK_NB)) {
                return new self($lock);
            }
        }
        throw Refusal::tooOften(
            'You have ' . self::AT_ONCE . ' ZIP downloads running already; wait until one has ended, or take the list for wget or aria2c.',
            self::RETRY_SECONDS,
        );
    }

    public function release(): void
    {
        flock($this->lock, LOCK_UN);
    }
}
