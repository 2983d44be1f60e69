<?php

declare(strict_types=1);

namespace CrowdSky\Uploads;

/** An upload whose subs have arrived and that its owner has not submitted for stacking. */
final class OpenUpload
{
    public function __construct(
        public readonly int $id,
        public readonly string $token,
        public readonly int $userId,
        public readonly string $owner,
        public readonly int $files,
        public readonly int $bytes,
        /** stored form */
        public readonly string $lastActivityAt,
        /** whether its owner may still be sending */
        public readonly bool $isBusy,
    ) {
    }
}
