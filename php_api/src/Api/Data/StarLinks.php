<?php

declare(strict_types=1);

namespace CrowdSky\Api\Data;

use CrowdSky\Stars\ListedStar;
use CrowdSky\Tables\Column;
use CrowdSky\Tables\LinkedCall;

/** Addresses of what belongs to a star: its light curve, and cut-outs of stacks around it. */
final class StarLinks
{
    /** Arcminutes. */
    private const SIZE = 4;
    /** Seconds of a day, and MJD of the epoch of Unix. */
    private const DAY = 86_400.0;
    private const UNIX = 40_587.0;

    public function __construct(private readonly DataCall $call)
    {
    }

    public function lightCurve(ListedStar $star): string
    {
        return $this->call->address("light_curve.php?star={$star->id}");
    }

    /** The light curves of the stars of a table, for programs that follow links of VOTables. */
    public function lightCurves(Column $star): LinkedCall
    {
        return new LinkedCall(
            name: 'light_curve',
            description: 'Light curve of the star, with the same key',
            address: $this->call->address('light_curve.php'),
            parameter: 'star',
            column: $star,
            fixed: [TableAnswer::PARAMETER => 'votable'],
        );
    }

    /** @return string|null null without a stack */
    public function cutOut(?int $stackId, ListedStar $star): ?string
    {
        $place = sprintf('ra=%.6f&dec=%.6f', $star->position->ra, $star->position->dec);

        return $stackId === null ? null : $this->call->address("cutout.php?id=$stackId&$place&size=" . self::SIZE . '&format=png');
    }

    /** @return string|null a time as all calls give it, UTC */
    public static function time(?float $mjd): ?string
    {
        return $mjd === null ? null : gmdate('Y-m-d\TH:i:s\Z', (int) round(($mjd - self::UNIX) * self::DAY));
    }
}
