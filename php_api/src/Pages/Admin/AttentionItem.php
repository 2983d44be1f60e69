<?php

declare(strict_types=1);

namespace CrowdSky\Pages\Admin;

/** A number that an admin looks at first, and where it leads. Texts are in the admin's language. */
final class AttentionItem
{
    public function __construct(
        public readonly string $figure,
        public readonly string $words,
        public readonly string $address,
        /** whether somebody should do something about it */
        public readonly bool $isUrgent,
    ) {
    }
}
