<?php

declare(strict_types=1);

namespace CrowdSky\Results;

/**
 * What the file of a stack has to agree with, as far as it is known.
 */
final class ExpectedStack
{
    /** @param array{int, int}|null $frameSize width and height in pixels of the raw frames */
    public function __construct(
        public readonly StackLayout $layout,
        public readonly ?array $frameSize,
        /** combined frames */
        public readonly ?int $frames,
        /** seconds of all combined frames together */
        public readonly ?float $exposure,
    ) {
    }
}
