<?php

declare(strict_types=1);

namespace CrowdSky\Api\Data;

use CrowdSky\Base\Refusal;
use CrowdSky\Chunks\Healpix;
use CrowdSky\Http\Request;
use CrowdSky\Http\Response;
use CrowdSky\Kernel\App;
use CrowdSky\Sky\CoveredTile;
use CrowdSky\Sky\SkyServices;

/** api/under_observed.php: which tiles or targets of the archive lack light most, for anybody. */
final class UnderObserved
{
    private const MOST = 1000;
    private const HOUR = 3600.0;

    /** @throws Refusal for a data key that is not valid, and for a parameter that is wrong; see docs/data-api.md */
    public static function answer(App $app, Request $request): Response
    {
        $viewer = DataCall::anybody($app, $request);
        $call = new DataCall($request);
        $call->refuseUnknown(['by', 'order', 'limit']);
        $by = $call->choice('by', ['targets', 'tiles']) ?? 'targets';
        $order = $call->choice('order', ['hours_since', 'hours']) ?? 'hours_since';
        $limit = $call->integer('limit', 1, self::MOST) ?? 100;
        $coverage = SkyServices::of($app)->coverage();
        $poorest = $by === 'tiles'
            ? $coverage->poorestTiles($viewer, $order === 'hours', $limit)
            : $coverage->poorestTargets($viewer, $order === 'hours', $limit);
        $now = $app->clock()->now();

        return Response::json(array_map(static fn (CoveredTile $tile): array => self::described($tile, $now), $poorest));
    }

    /** @return array<string, mixed> */
    private static function described(CoveredTile $tile, \DateTimeImmutable $now): array
    {
        $centre = $tile->pixel === null ? null : Healpix::centre($tile->pixel);
        $last = $tile->lastObs === null ? null : new \DateTimeImmutable(substr($tile->lastObs, 0, 19) . 'Z');

        return [
            'object_name' => $tile->name,
            'healpix' => $tile->pixel,
            'ra_deg' => $centre?->ra,
            'dec_deg' => $centre?->dec,
            'n_stacks' => $tile->stacks,
            'hours' => round($tile->exposure / self::HOUR, 4),
            'hours_since' => $last === null ? null : round(($now->getTimestamp() - $last->getTimestamp()) / self::HOUR, 2),
            'last_obs' => FrameFields::time($tile->lastObs),
        ];
    }
}
