<?php

declare(strict_types=1);

namespace CrowdSky\Measurements;

/** One spelling of an object's name, by which it is found: `m 031`, `Messier 31` and `M31` are one. */
final class ObjectName
{
    private const CATALOGUES = ['MESSIER' => 'M', 'CALDWELL' => 'C', 'SHARPLESS' => 'SH'];

    /** @return string|null in capitals and without blanks; null for a name of nothing but blanks */
    public static function key(?string $name): ?string
    {
        $plain = strtoupper(preg_replace('/[\s_]+/u', '', $name ?? '') ?? '');
        if (preg_match('/^([A-Z]+)-?0*(\d.*)$/Ds', $plain, $part) === 1) {
            $plain = (self::CATALOGUES[$part[1]] ?? $part[1]) . $part[2];
        }

        return $plain === '' ? null : $plain;
    }
}
