<?php

declare(strict_types=1);

namespace CrowdSky\Gallery;

use CrowdSky\Sky\Visibility;
use CrowdSky\Stacks\Stack;

/** One stack of a download, and what becomes of it. */
final class PackedStack
{
    public function __construct(
        public readonly Stack $stack,
        /** unique within the download, in plain characters */
        public readonly string $fileName,
        /** whether the reader gets the stack itself and not its public copy */
        public readonly bool $isOriginal,
        /** why it is not in the download; null if it is */
        public readonly ?string $leftOut = null,
    ) {
    }

    /** Whether a user's own data key gets it: a key has no admin's rights. */
    public function isFor(int $userId): bool
    {
        return $this->stack->userId === $userId || Visibility::isPublic($this->stack);
    }
}
