<?php

declare(strict_types=1);

namespace CrowdSky\Api\Data;

use CrowdSky\Base\Refusal;
use CrowdSky\Chunks\Healpix;
use CrowdSky\Http\Request;
use CrowdSky\Http\Response;
use CrowdSky\Kernel\App;
use CrowdSky\Sky\SkyServices;
use CrowdSky\Sky\StackFilter;

/** api/frames_by_healpix.php: the stacks whose key or whose place is in one HEALPix pixel (NSIDE 128, RING). */
final class FramesByHealpix
{
    /** @throws Refusal without a data key, and for a parameter that is wrong; see docs/data-api.md */
    public static function answer(App $app, Request $request): Response
    {
        $viewer = DataCall::keyHolder($app, $request);
        $call = new DataCall($request);
        $pixel = $call->integer('healpix', 0, Healpix::PIXELS - 1) ?? throw Refusal::badInput("'healpix' is missing");
        $filter = new StackFilter(
            start: $call->time('start'),
            end: $call->time('end', isEnd: true),
            filterName: $call->text('filter'),
            eqMode: $call->integer('eq_mode', 0, 1),
            minExposure: $call->number('min_exptime', 0.0),
            minSkyMag: $call->number('min_sqm', -100.0, 100.0),
        );
        $text = '';
        foreach (SkyServices::of($app)->search()->inPixel($pixel, $filter, $viewer) as $stack) {
            $text .= ($text === '' ? '' : ',') . Response::json(FrameFields::known($stack, $call))->body;
        }

        return Response::jsonText("[$text]");
    }
}
