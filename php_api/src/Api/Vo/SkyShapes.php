<?php

declare(strict_types=1);

namespace CrowdSky\Api\Vo;

use CrowdSky\Base\Refusal;
use CrowdSky\Fits\SkyPosition;
use CrowdSky\Sky\Footprint;

/** Reads the parameter POS of SIA 2.0. */
final class SkyShapes
{
    /** Largest distance of a corner from the middle of a polygon, degrees. */
    private const WIDEST = 85.0;

    /** @throws Refusal for anything but a circle, a range or a polygon */
    public static function parse(string $text): SkyShape
    {
        $words = preg_split('/\s+/', trim($text), 2) ?: [];
        $numbers = VoParameters::numbers($words[1] ?? '', 'POS');
        $shape = match (strtoupper($words[0] ?? '')) {
            'CIRCLE' => self::circle($numbers),
            'RANGE' => self::range($numbers),
            'POLYGON' => self::polygon($numbers),
            default => null,
        };
        return $shape ?? throw Refusal::badInput(
            'POS must be CIRCLE with RA, Dec and radius, RANGE with two RA and two Dec, or POLYGON with three or more pairs; degrees'
        );
    }

    /** @param list<float> $numbers */
    private static function circle(array $numbers): ?SkyCircle
    {
        if (count($numbers) !== 3 || $numbers[2] < 0.0 || $numbers[2] > 180.0) {
            return null;
        }
        $centre = SkyPosition::fromDegrees($numbers[0], $numbers[1]);
        return $centre === null ? null : new SkyCircle($centre, $numbers[2]);
    }

    /** @param list<float> $numbers */
    private static function range(array $numbers): ?SkyRange
    {
        if (count($numbers) !== 4) {
            return null;
        }
        [$west, $east] = [max($numbers[0], 0.0), min($numbers[1], 360.0)];
        [$south, $north] = [max($numbers[2], -90.0), min($numbers[3], 90.0)];
        return $south > $north || $west > 360.0 || $east < 0.0 ? null : new SkyRange($west, $east, $south, $north);
    }

    /** @param list<float> $numbers */
    private static function polygon(array $numbers): ?SkyPolygon
    {
        if (count($numbers) < 6 || count($numbers) % 2 !== 0) {
            return null;
        }
        $outline = Footprint::ofCorners(array_chunk($numbers, 2));
        if ($outline !== null && $outline->radius() > self::WIDEST) {
            throw Refusal::badInput('POS: a polygon must be smaller than a hemisphere');
        }
        return $outline === null ? null : new SkyPolygon($outline);
    }
}
