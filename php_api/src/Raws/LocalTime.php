<?php

declare(strict_types=1);

namespace CrowdSky\Raws;

/** Local times of telescopes, and by how much they are ahead of UTC. */
final class LocalTime
{
    private const DAY = 86400;

    /** @return list<string> the time zones that this host knows */
    public static function zones(): array
    {
        return \DateTimeZone::listIdentifiers();
    }

    /**
     * By how many minutes a clock of a zone was ahead of UTC when it showed this time.
     *
     * @param string $shown `YYYY-MM-DD HH:MM:SS`
     * @return int|null null if it showed this time twice, when summer time ended, or never, or this host does not know
     *                  the zone
     */
    public static function minutesAhead(string $zone, string $shown): ?int
    {
        if (!in_array($zone, self::zones(), true)) {
            return null;
        }
        $place = new \DateTimeZone($zone);
        $asUtc = (new \DateTimeImmutable($shown, new \DateTimeZone('UTC')))->getTimestamp();
        $fitting = [];
        foreach ([-self::DAY, 0, self::DAY] as $shift) {
            $ahead = $place->getOffset(new \DateTimeImmutable('@' . ($asUtc + $shift)));
            if ($place->getOffset(new \DateTimeImmutable('@' . ($asUtc - $ahead))) === $ahead) {
                $fitting[$ahead] = true;
            }
        }

        return count($fitting) === 1 ? intdiv(array_key_first($fitting), 60) : null;
    }
}
