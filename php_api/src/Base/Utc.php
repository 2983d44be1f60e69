<?php

declare(strict_types=1);

namespace CrowdSky\Base;

/**
 * The two formats of a time: in the database and in answers.
 */
final class Utc
{
    private const STORED = 'Y-m-d H:i:s';

    /** A time as the database stores it: `YYYY-MM-DD HH:MM:SS`, UTC. */
    public static function stored(\DateTimeImmutable $moment): string
    {
        return $moment->setTimezone(new \DateTimeZone('UTC'))->format(self::STORED);
    }

    /** The stored form of the time $seconds before (negative: after) $moment. */
    public static function storedBefore(\DateTimeImmutable $moment, int $seconds): string
    {
        return self::stored($moment->setTimestamp($moment->getTimestamp() - $seconds));
    }

    /** A stored time as every known client parses it: `YYYY-MM-DDTHH:MM:SSZ`. */
    public static function wire(?string $stored): ?string
    {
        return $stored === null ? null : str_replace(' ', 'T', $stored) . 'Z';
    }
}
