<?php

declare(strict_types=1);

namespace CrowdSky\Api\Data;

use CrowdSky\Base\Refusal;
use CrowdSky\Http\Request;
use CrowdSky\Http\Response;
use CrowdSky\Kernel\App;
use CrowdSky\Sky\SkyStack;

/** api/search.php: stacks by place, time, object and what they are like; page by page, as JSON or CSV. */
final class Search
{
    /** @throws Refusal for a data key that is not valid, and for a parameter that is wrong; see docs/data-api.md */
    public static function answer(App $app, Request $request): Response
    {
        $viewer = DataCall::anybody($app, $request);
        $call = new DataCall($request);
        $call->refuseUnknown([...SearchWish::PARAMETERS, ...FieldTable::PARAMETERS]);
        $table = FieldTable::of($call, FrameFields::NAMES);
        $page = SearchWish::of($call)->page($app, $viewer);
        $rows = array_map(static fn (SkyStack $stack): array => FrameFields::all($stack, $call), $page->stacks);

        return $table->answer('stacks', $rows, $page->next);
    }
}
