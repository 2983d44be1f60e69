<?php

declare(strict_types=1);

namespace CrowdSky\Results;

use CrowdSky\Fits\FitsPart;
use CrowdSky\Jobs\JobKind;

/**
 * Which parts a stack has, by the kind of job that made it: section 6.1 of the contract as a table.
 *
 * A further layout, such as that of stacks with a single plane, is a further entry of the table.
 */
final class StackLayout
{
    /** The map that must not be 0 everywhere: it counts the frames of each pixel. */
    public const COVERAGE = 'FOOTPRINT';

    /**
     * Planes hold the light; each must be there, once. Maps have a number per pixel of the planes and may be absent.
     * STAR-TAB and FRAMES may be absent, too, and parts of other names are nobody's concern.
     */
    private const COLOUR = [
        'planes' => ['RED', 'GREEN', 'BLUE'],
        'maps' => [self::COVERAGE, 'VARIANCE', 'VARIANCE_R', 'VARIANCE_G', 'VARIANCE_B', 'REJECTED'],
    ];
    private const OF_KIND = ['stack' => self::COLOUR, 'check' => self::COLOUR, 'rescan' => self::COLOUR];

    /**
     * @param list<string> $planes
     * @param list<string> $maps
     */
    private function __construct(private readonly array $planes, private readonly array $maps)
    {
    }

    public static function of(JobKind $kind): self
    {
        return new self(...self::OF_KIND[$kind->value]);
    }

    /**
     * @param list<FitsPart> $parts
     * @return string|null what is wrong with the set of parts
     */
    public function problem(array $parts): ?string
    {
        if ($parts[0]->header->dataSize() > 0) {
            return 'its primary part holds data; the colour planes belong into extensions';
        }
        $count = array_count_values(array_map(static fn (FitsPart $part): string => $part->name(), $parts));
        $missing = array_diff($this->planes, array_keys($count));
        if ($missing !== []) {
            return 'it has no extension named ' . implode(', ', $missing);
        }
        foreach ([...$this->planes, ...$this->maps] as $name) {
            if (($count[$name] ?? 0) > 1) {
                return "it has {$count[$name]} extensions named $name, so that readers disagree which is meant";
            }
        }
        return null;
    }

    /**
     * @param list<FitsPart> $parts
     * @return list<FitsPart>
     */
    public function planes(array $parts): array
    {
        return self::named($this->planes, $parts);
    }

    /**
     * @param list<FitsPart> $parts
     * @return list<FitsPart>
     */
    public function maps(array $parts): array
    {
        return self::named($this->maps, $parts);
    }

    /**
     * @param list<string> $names
     * @param list<FitsPart> $parts
     * @return list<FitsPart>
     */
    private static function named(array $names, array $parts): array
    {
        return array_values(array_filter($parts, static fn (FitsPart $part): bool => in_array($part->name(), $names, true)));
    }
}
