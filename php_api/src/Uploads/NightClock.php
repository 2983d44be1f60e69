<?php

declare(strict_types=1);

namespace CrowdSky\Uploads;

/**
 * Which night a block of time belongs to.
 *
 * A night reaches from noon to noon where the telescope stands. Where that is, the site need not know: the middle of the
 * hours in which somebody observes is near the midnight of the place, which is what the hours of a night are counted from.
 *
 * Blocks so short that their numbers in a day have two or three digits are not sorted by time within the day; then the
 * nights are the days of the blocks.
 */
final class NightClock
{
    private const DAY = 86400;
    /** Numbers of two digits. */
    private const SORTED_BLOCKS = 100;

    /** @param int $midnight hours, -12 to 11, that the middle of the nights is after midnight by the clock of the blocks */
    private function __construct(private readonly int $midnight, private readonly int $blockSeconds)
    {
    }

    /**
     * @param list<string> $blocks `YYYYMMDD.CC` of an owner, of which the mean hour on the circle counts
     * @param int $blockMinutes length of a block
     */
    public static function of(array $blocks, int $blockMinutes): self
    {
        $x = $y = 0.0;
        foreach ($blocks as $block) {
            $angle = 2.0 * M_PI * ((int) substr($block, 9) + 0.5) * $blockMinutes / 1440.0;
            $x += cos($angle);
            $y += sin($angle);
        }
        $hours = hypot($x, $y) < 1e-6 * max(1, count($blocks)) ? 0 : (int) round(12.0 * atan2($y, $x) / M_PI);

        return new self($hours === 12 ? -12 : $hours, 60 * $blockMinutes);
    }

    /** The date of the evening, `YYYYMMDD`, of the night that a block is in. */
    public function nightOf(string $block): string
    {
        if (!$this->areSorted()) {
            return substr($block, 0, 8);
        }
        $time = self::midnight(substr($block, 0, 8)) + (int) substr($block, 9) * $this->blockSeconds;

        return gmdate('Ymd', $time - 3600 * $this->midnight - intdiv(self::DAY, 2));
    }

    /** The first block of a night, by which its blocks and all earlier ones are told apart. */
    public function firstBlock(string $night): string
    {
        if (!$this->areSorted()) {
            return $night;
        }
        $start = self::midnight($night) + intdiv(self::DAY, 2) + 3600 * $this->midnight;
        $block = intdiv($start % self::DAY + $this->blockSeconds - 1, $this->blockSeconds);

        return gmdate('Ymd', $start) . sprintf('.%02d', $block);
    }

    public static function dayAfter(string $night): string
    {
        return gmdate('Ymd', self::midnight($night) + self::DAY);
    }

    private function areSorted(): bool
    {
        return self::SORTED_BLOCKS * $this->blockSeconds >= self::DAY;
    }

    private static function midnight(string $date): int
    {
        return gmmktime(0, 0, 0, (int) substr($date, 4, 2), (int) substr($date, 6, 2), (int) substr($date, 0, 4)) ?: 0;
    }
}
