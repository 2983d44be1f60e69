<?php

declare(strict_types=1);

namespace CrowdSky\Sky;

use CrowdSky\Base\Refusal;
use CrowdSky\Kernel\App;
use CrowdSky\Stacks\PublicCopies;
use CrowdSky\Storage\ObjectMissing;

/** The SHA-256 of what a viewer downloads of a stack. */
final class StackHashes
{
    private function __construct(
        private readonly VisibleStacks $stacks,
        private readonly PublicCopies $copies,
        private readonly Viewer $viewer,
    ) {
    }

    public static function of(App $app, Viewer $viewer): self
    {
        return new self(VisibleStacks::of($app), PublicCopies::of($app), $viewer);
    }

    /**
     * @return string|null hex; null when the stack is damaged in storage, so that there is nothing to download
     * @throws \CrowdSky\Storage\StorageUnavailable
     */
    public function sha256(SkyStack $stack): ?string
    {
        if ($stack->sha256 !== null) {
            return $stack->sha256;
        }
        try {
            $stored = $this->stacks->get($stack->id, $this->viewer);

            return $this->copies->sha256($stored, $this->copies->copyOf($stored));
        } catch (Refusal | ObjectMissing) {
            // Its page tells the owner; the others on the list can be had.
            return null;
        }
    }
}
