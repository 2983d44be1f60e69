<?php

declare(strict_types=1);

namespace CrowdSky\Api\Data;

use CrowdSky\Base\Refusal;
use CrowdSky\Http\Request;
use CrowdSky\Http\Response;
use CrowdSky\Kernel\App;
use CrowdSky\Sky\SkyServices;
use CrowdSky\Stacks\StarList;

/** api/frame_stars.php: the stars that were detected in one stack. */
final class FrameStars
{
    /** @throws Refusal without a data key, and for a stack that the key does not see or that has no list */
    public static function answer(App $app, Request $request): Response
    {
        $viewer = DataCall::keyHolder($app, $request);
        $stack = SkyServices::of($app)->stacks()->get($request->queryId('id'), $viewer);
        $stars = StarList::ofStored($app->storage(), $stack);

        return Response::json([
            'width' => $stars->width,
            'height' => $stars->height,
            'positions' => StarList::POSITIONS,
            'stars' => $stars->stars,
        ]);
    }
}
