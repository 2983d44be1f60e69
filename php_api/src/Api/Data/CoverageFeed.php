<?php

declare(strict_types=1);

namespace CrowdSky\Api\Data;

use CrowdSky\Base\Refusal;
use CrowdSky\Http\Request;
use CrowdSky\Http\Response;
use CrowdSky\Kernel\App;
use CrowdSky\Sky\CoveredTile;
use CrowdSky\Sky\SkyServices;

/** api/sky_coverage.php: how much of the sky was observed how long, as an ECSV table, for anybody. */
final class CoverageFeed
{
    private const COLUMNS = [
        ['healpix_ring', 'int64', '', 'HEALPix pixel, NSIDE 128, RING, ICRS'],
        ['filter_name', 'string', '', 'filter; masked where it is not known'],
        ['n_stacks', 'int64', '', 'number of stacks'],
        ['total_exptime', 'float64', 's', 'exposure of all stacks together'],
        ['first_obs', 'string', '', 'begin of the first observation, UTC'],
        ['last_obs', 'string', '', 'end of the last observation, UTC'],
    ];

    /** @throws Refusal for a data key that is not valid */
    public static function answer(App $app, Request $request): Response
    {
        $viewer = DataCall::anybody($app, $request);
        $rows = array_map(self::row(...), SkyServices::of($app)->coverage()->byPixelAndFilter($viewer));
        $names = implode(' ', array_column(self::COLUMNS, 0));

        return Response::text(self::heading() . "$names\n" . implode('', $rows));
    }

    private static function heading(): string
    {
        $lines = ['%ECSV 1.0', '---', 'datatype:'];
        foreach (self::COLUMNS as [$name, $type, $unit, $what]) {
            $unitText = $unit === '' ? '' : "unit: $unit, ";
            $lines[] = "- {name: $name, {$unitText}datatype: $type, description: '$what'}";
        }
        $lines[] = 'schema: astropy-2.0';

        return implode('', array_map(static fn (string $line): string => "# $line\n", $lines));
    }

    private static function row(CoveredTile $tile): string
    {
        return implode(' ', [
            $tile->pixel,
            self::quoted($tile->name),
            $tile->stacks,
            json_encode($tile->exposure, JSON_THROW_ON_ERROR | JSON_PRESERVE_ZERO_FRACTION),
            self::quoted(FrameFields::time($tile->firstObs)),
            self::quoted(FrameFields::time($tile->lastObs)),
        ]) . "\n";
    }

    private static function quoted(?string $text): string
    {
        return '"' . str_replace(['"', "\n", "\r"], ['""', ' ', ' '], $text ?? '') . '"';
    }
}
