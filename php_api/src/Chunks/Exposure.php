<?php

declare(strict_types=1);

namespace CrowdSky\Chunks;

use CrowdSky\Fits\TelescopeId;

/**
 * What tells one exposure from another: the light of a sub, whatever its file is called and its header says.
 *
 * An exposure is one telescope, start and length, or the same pixels. Counted twice, its noise would be taken for light.
 * The worker has the same rule for the subs of a stack (crowdsky/frames/copies.py).
 */
final class Exposure
{
    /** Microseconds between two starts that are one. */
    private const SAME_START = 1000;
    /**
     * Seconds of exposure from which a start in whole seconds may be that of one with fractions: a camera takes no two
     * such exposures within a second.
     */
    private const MIN_WHOLE_SECONDS = 1.0;

    /**
     * @param string|null $pixelMark as PixelMark makes it; null for subs of versions that did not, and where it knows none
     * @param string|null $startedAt stored form, whole seconds
     * @param int|null $microsecond of the start; null for subs of versions that did not store it
     * @param float|null $seconds length
     */
    public function __construct(
        public readonly string $sha256,
        public readonly ?string $pixelMark,
        public readonly ?string $telescope,
        public readonly ?string $instrument,
        public readonly ?string $startedAt,
        public readonly ?int $microsecond,
        public readonly ?float $seconds,
    ) {
    }

    /**
     * The second in which a certain telescope began it, by which to look for others; null if its header does not say.
     * A telescope whose name names no unit may be several, which take subs at the same time.
     */
    public function beginning(): ?string
    {
        $isKnown = $this->startedAt !== null && $this->seconds !== null
            && $this->telescope !== null && TelescopeId::namesUnit($this->telescope);

        return $isKnown ? json_encode([$this->telescope, $this->instrument, $this->startedAt], JSON_THROW_ON_ERROR | JSON_INVALID_UTF8_SUBSTITUTE) : null;
    }

    /** What two subs share if they show the same exposure, for people to read; null if they do not. */
    public function sharedWith(self $other): ?string
    {
        return match (true) {
            $this->sha256 === $other->sha256 => 'file',
            $this->beginning() !== null && $this->beginning() === $other->beginning() && $this->isOfTimeOf($other)
                => 'telescope, start and exposure',
            $this->pixelMark !== null && $this->pixelMark === $other->pixelMark => 'pixels',
            default => null,
        };
    }

    /** Whether two exposures that began in the same second have the same start and length. */
    private function isOfTimeOf(self $other): bool
    {
        if (!ExposureLinks::areSame($this->seconds, $other->seconds)) {
            return false;
        }
        $starts = [$this->microsecond ?? 0, $other->microsecond ?? 0];
        if (abs($starts[0] - $starts[1]) <= self::SAME_START && $this->microsecond !== null && $other->microsecond !== null) {
            return true;
        }

        return min($this->seconds, $other->seconds) >= self::MIN_WHOLE_SECONDS && in_array(0, $starts, true);
    }
}
