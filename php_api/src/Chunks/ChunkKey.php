<?php

declare(strict_types=1);

namespace CrowdSky\Chunks;

use CrowdSky\Fits\SkyPosition;

/**
 * The two labels of a chunk: its place on the sky and its block of time.
 *
 * `$label` (`20250115.78_83.6_+22.0`) is what pages, workers and file names use, `$healpixLabel`
 * (`20250115.78_HP061302`) is what the user clients compare. Labels are not unique: two owners or two telescopes may
 * share one. Without coordinates, both are just the time block.
 */
final class ChunkKey
{
    private function __construct(
        public readonly string $timeBlock,
        public readonly string $label,
        public readonly string $healpixLabel,
    ) {
    }

    /** @param string $timeBlock as ObservationTime::block() writes it */
    public static function of(string $timeBlock, ?SkyPosition $position): self
    {
        if ($position === null) {
            return new self($timeBlock, $timeBlock, $timeBlock);
        }

        return new self(
            $timeBlock,
            sprintf('%s_%s_%s', $timeBlock, self::raText($position->ra), self::decText($position->dec)),
            sprintf('%s_HP%06d', $timeBlock, Healpix::ringPixel($position)),
        );
    }

    private static function raText(float $ra): string
    {
        return self::tenthsText(self::tenths($ra) % 3600);
    }

    /** The sign is that of the rounded value, and zero is `+0.0`, so that a pointing has only one spelling. */
    private static function decText(float $dec): string
    {
        $tenths = self::tenths(abs($dec));

        return ($dec < 0.0 && $tenths > 0 ? '-' : '+') . self::tenthsText($tenths);
    }

    /**
     * A value >= 0 in tenths, with halves rounded up in its decimal text: 10.35 gives 104 although the double is
     * slightly less. PHP's round() does the same, but changed in version 8.4.
     */
    private static function tenths(float $value): int
    {
        [$whole, $decimals] = explode('.', sprintf('%.12F', $value));

        return (int) $whole * 10 + (int) $decimals[0] + ($decimals[1] >= '5' ? 1 : 0);
    }

    private static function tenthsText(int $tenths): string
    {
        return sprintf('%d.%d', intdiv($tenths, 10), $tenths % 10);
    }
}
