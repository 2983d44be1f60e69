<?php

declare(strict_types=1);

namespace CrowdSky\Uploads;

/** What came with an uploaded stack. */
final class StackWish
{
    public function __construct(
        public readonly ?int $framesInput = null,
        public readonly ?int $framesAligned = null,
        /** whether where it was taken goes into no stack and to no worker */
        public readonly bool $hidesPosition = false,
    ) {
    }
}
