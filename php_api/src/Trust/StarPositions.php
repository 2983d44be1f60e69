<?php

declare(strict_types=1);

namespace CrowdSky\Trust;

use CrowdSky\Storage\ObjectMissing;
use CrowdSky\Storage\ObjectStorage;
use CrowdSky\Storage\StoredBytes;

/**
 * The brightest stars of a stack in pixel coordinates, read from its star list.
 */
final class StarPositions
{
    /** Bytes of the list that are read: it is written brightest first, and a star takes about 150 bytes. */
    public const MAX_BYTES = 64 << 10;
    /** Number of stars that are kept: twice what is looked for, since stars of similar brightness change places. */
    private const KEPT = 40;

    /** @return list<array{float, float}> like of(), from the list in storage; empty if there is none */
    public static function ofStored(ObjectStorage $storage, string $path): array
    {
        try {
            return self::of(StoredBytes::of($storage, $path, 0, min(self::MAX_BYTES, (int) $storage->size($path))));
        } catch (ObjectMissing) {
            return [];
        }
    }

    /**
     * Reads as many complete stars as there are; no content of a list can make this fail.
     *
     * @param string $json the star list, perhaps only its start
     * @return list<array{float, float}> x and y of the brightest stars, brightest first
     */
    public static function of(string $json): array
    {
        $start = strpos($json, '[');
        preg_match_all('/\{[^{}]*\}/', $start === false ? '' : substr($json, $start, self::MAX_BYTES), $found);
        $stars = [];
        foreach ($found[0] as $text) {
            $star = json_decode($text, true, 2);
            if (is_array($star) && self::hasNumbers($star)) {
                $stars[] = [(float) $star['x'], (float) $star['y'], (float) $star['flux']];
            }
        }
        usort($stars, static fn (array $a, array $b): int => $b[2] <=> $a[2]);
        return array_map(static fn (array $star): array => [$star[0], $star[1]], array_slice($stars, 0, self::KEPT));
    }

    /** @param array<string, mixed> $star */
    private static function hasNumbers(array $star): bool
    {
        foreach (['x', 'y', 'flux'] as $name) {
            $value = $star[$name] ?? null;
            // JSON has no infinity, but 1e999 is read as one, and the stars are later written as JSON again.
            if (!is_int($value) && (!is_float($value) || !is_finite($value))) {
                return false;
            }
        }
        return true;
    }
}
