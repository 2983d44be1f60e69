<?php

declare(strict_types=1);

namespace CrowdSky\Uploads;

/** What an uploader wants to become of the subs. */
final class FinalizeWish
{
    /**
     * @param bool $replacesStacks stack exposures again that are in a stack already; the old stack stays until the new one
     *                             is verified
     * @param bool $hidesPosition where the subs were taken goes into no stack and to no worker, whatever the account allows
     */
    public function __construct(
        public readonly bool $replacesStacks = false,
        public readonly bool $hidesPosition = false,
    ) {
    }
}
