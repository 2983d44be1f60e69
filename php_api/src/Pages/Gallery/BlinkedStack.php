<?php

declare(strict_types=1);

namespace CrowdSky\Pages\Gallery;

use CrowdSky\Fits\CardTable;
use CrowdSky\Measurements\PlateSolution;
use CrowdSky\Results\ResultKind;
use CrowdSky\Stacks\Stack;

/** One of the two stacks that are compared. */
final class BlinkedStack
{
    private function __construct(
        public readonly int $id,
        public readonly ?string $object,
        public readonly ?string $start,
        public readonly ?float $exposure,
        /** address of its picture; null without one */
        public readonly ?string $picture,
        /** JSON for the script: crpix (first pixel is 1), crval, cd, width and height in pixels; null where it is not solved */
        public readonly ?string $plate,
    ) {
    }

    public static function of(Stack $stack, ?PlateSolution $solution, bool $isOwn): self
    {
        $version = substr($stack->sha256, 0, 8);
        $picture = match (true) {
            $stack->has(ResultKind::Picture) => "picture.php?id={$stack->id}&v=$version",
            $stack->has(ResultKind::Thumbnail) => "thumbnail.php?id={$stack->id}&v=$version",
            default => null,
        };
        $plate = array_intersect_key($solution?->wcs ?? [], array_flip(['crpix', 'crval', 'cd', 'width', 'height']));

        return new self(
            $stack->id,
            $isOwn ? $stack->objectName : CardTable::get()->publicText('OBJECT', $stack->objectName),
            $stack->dateObsStart,
            $stack->totalExposure,
            $picture,
            count($plate) === 5 ? json_encode($plate, JSON_THROW_ON_ERROR) : null,
        );
    }
}
