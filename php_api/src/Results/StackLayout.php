<?php

declare(strict_types=1);

namespace CrowdSky\Results;

use CrowdSky\Fits\FitsPart;
use CrowdSky\Jobs\JobKind;

/**
 * Which parts a stack has, by the kind of job that made it: sections 6.1 and 6.1a of the contract as a table.
 *
 * Light is in three colours, or in a single plane LUM if the frames have none.
 */
final class StackLayout
{
    /** The map that must not be 0 everywhere: it counts the frames of each pixel. */
    public const COVERAGE = 'FOOTPRINT';

    /**
     * Planes hold the light; each must be there, once. Maps have a number per pixel of the planes and may be absent.
     * STAR-TAB and FRAMES may be absent, too, and parts of other names are nobody's concern.
     */
    private const STACK = [
        'colours' => ['RED', 'GREEN', 'BLUE'],
        'single' => ['LUM'],
        'maps' => [self::COVERAGE, 'VARIANCE', 'VARIANCE_R', 'VARIANCE_G', 'VARIANCE_B', 'REJECTED'],
    ];
    private const OF_KIND = ['stack' => self::STACK, 'check' => self::STACK, 'rescan' => self::STACK, 'uploaded' => self::STACK];

    /**
     * @param list<string> $colours
     * @param list<string> $single
     * @param list<string> $maps
     */
    private function __construct(
        private readonly array $colours,
        private readonly array $single,
        private readonly array $maps,
        private readonly bool $haveColours,
    ) {
    }

    /** @param bool $haveColours whether the frames are known to have colours, so that the stack must have them, too */
    public static function of(JobKind $kind, bool $haveColours = false): self
    {
        return new self(...self::OF_KIND[$kind->value], haveColours: $haveColours);
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
        $names = array_keys($count);
        if (array_intersect($this->colours, $names) !== [] && array_intersect($this->single, $names) !== []) {
            return 'it has both colours and ' . implode(', ', $this->single) . ', so that readers disagree which is its light';
        }
        $missing = array_diff($this->lightOf($names), $names);
        if ($missing !== []) {
            return 'it has no extension named ' . implode(', ', $missing);
        }
        foreach ([...$this->lightOf($names), ...$this->maps] as $name) {
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
        return self::named($this->lightOf(array_map(static fn (FitsPart $part): string => $part->name(), $parts)), $parts);
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
     * @param list<string> $names of all parts
     * @return list<string> names of the planes that hold the light
     */
    private function lightOf(array $names): array
    {
        $isSingle = !$this->haveColours && array_diff($this->single, $names) === [];
        return $isSingle ? $this->single : $this->colours;
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
