<?php

declare(strict_types=1);

namespace CrowdSky\Statistics;

/** The time that a statistic covers, in parts of equal length; the last part is the one that is under way. */
enum Period: string
{
    case Day = 'day';
    case Week = 'week';
    case Month = 'month';

    public function hoursOfPart(): int
    {
        return match ($this) {
            self::Day => 1,
            self::Week => 6,
            self::Month => 24,
        };
    }

    public function parts(): int
    {
        return match ($this) {
            self::Day => 24,
            self::Week => 28,
            self::Month => 30,
        };
    }

    /** @return list<int> Unix seconds at which each part begins: whole hours or days of UTC */
    public function starts(\DateTimeImmutable $now): array
    {
        $width = 3600 * $this->hoursOfPart();
        $last = intdiv($now->getTimestamp(), $width) * $width;

        return range($last - ($this->parts() - 1) * $width, $last, $width);
    }

    /** Letters of a stored time that name the hour, or the day where parts are days. */
    public function letters(): int
    {
        return $this === self::Month ? 10 : 13;
    }
}
