<?php

declare(strict_types=1);

namespace CrowdSky\Workers;

/**
 * How far the operator of a worker is trusted. The level is part of the scopes of the worker's key.
 */
enum TrustLevel: string
{
    /** Gets frames with the position; results are published at once. */
    case Trusted = 'trusted';
    /** Gets frames without the position; results are published at once. The default level of a key. */
    case Standard = 'standard';
    /** Like standard, but results wait for a second opinion: at first all of them, later some. */
    case Volunteer = 'volunteer';

    /** @param list<string> $scopes of a key */
    public static function ofScopes(array $scopes): self
    {
        return match (true) {
            // A key with both scopes counts as the stricter one.
            in_array(self::Volunteer->value, $scopes, true) => self::Volunteer,
            in_array(self::Trusted->value, $scopes, true) => self::Trusted,
            default => self::Standard,
        };
    }

    /**
     * @param list<string> $scopes of a key
     * @return list<string> the same scopes with this level instead of another
     */
    public function inScopes(array $scopes): array
    {
        $others = array_values(array_diff($scopes, [self::Trusted->value, self::Volunteer->value]));
        return $this === self::Standard ? $others : [...$others, $this->value];
    }
}
