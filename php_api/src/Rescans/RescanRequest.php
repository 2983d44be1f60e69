<?php

declare(strict_types=1);

namespace CrowdSky\Rescans;

/** Who asks for rescans, and of whose stacks. */
final class RescanRequest
{
    /**
     * @param string $actor for the audit trail, such as user:ann
     * @param int|null $ownerId when given, stacks of other owners do not exist
     */
    public function __construct(
        public readonly string $actor,
        public readonly ?int $ownerId,
        public readonly RescanOptions $options,
    ) {
    }
}
