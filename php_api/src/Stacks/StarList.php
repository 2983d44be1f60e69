<?php

declare(strict_types=1);

namespace CrowdSky\Stacks;

use CrowdSky\Base\Refusal;
use CrowdSky\Results\ResultKind;
use CrowdSky\Storage\ObjectMissing;
use CrowdSky\Storage\ObjectStorage;
use CrowdSky\Storage\StoredBytes;

/** The stars of a stack as its worker found them. */
final class StarList
{
    /** What the coordinates are, for people who read the list. */
    public const POSITIONS = 'x, y: barycentre in pixels, the first one is 0; ra, dec: degrees (ICRS) of the windowed centre, which may differ'
        . ' from x, y by a fraction of a pixel';

    private const NUMBERS = ['x', 'y', 'flux', 'a', 'b', 'flag', 'peak', 'ra', 'dec'];
    /** Bytes of the longest list that is read; no field of a small telescope has so many stars. */
    private const MAX_BYTES = 32 << 20;

    /** @param list<array<string, int|float|null>> $stars */
    private function __construct(
        public readonly ?int $width,
        public readonly ?int $height,
        public readonly array $stars,
    ) {
    }

    /**
     * @throws Refusal when the stack has no list, or one that cannot be read
     * @throws \CrowdSky\Storage\StorageUnavailable
     */
    public static function ofStored(ObjectStorage $storage, Stack $stack): self
    {
        $path = $stack->pathOf(ResultKind::Stars) ?? throw Refusal::notFound("The stack {$stack->id} has no list of stars.");
        $size = $storage->size($path);
        if ($size === null || $size > self::MAX_BYTES) {
            throw Refusal::notFound("The list of stars of the stack {$stack->id} is missing in storage, or too long.");
        }
        try {
            return self::parse(StoredBytes::of($storage, $path, 0, $size));
        } catch (ObjectMissing | \JsonException $error) {
            throw Refusal::notFound("The list of stars of the stack {$stack->id} cannot be read.");
        }
    }

    /** @throws \JsonException */
    private static function parse(string $json): self
    {
        // Python writes what no JSON has; of a number that is none nothing is known.
        $json = preg_replace('/(?<=[:,\[\s])-?(?:NaN|Infinity)(?=[,}\]\s])/', 'null', $json) ?? $json;
        $list = json_decode($json, true, 8, JSON_THROW_ON_ERROR);
        $number = static fn (mixed $value): int|float|null => is_int($value) || is_float($value) ? $value : null;
        $integer = static fn (mixed $value): ?int => is_int($value) ? $value : null;
        $stars = [];
        foreach (is_array($list['stars'] ?? null) ? $list['stars'] : [] as $star) {
            $stars[] = array_combine(self::NUMBERS, array_map(static fn (string $name) => $number($star[$name] ?? null), self::NUMBERS));
        }

        return new self($integer($list['width'] ?? null), $integer($list['height'] ?? null), $stars);
    }
}
