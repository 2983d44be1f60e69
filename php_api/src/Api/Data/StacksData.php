<?php

declare(strict_types=1);

namespace CrowdSky\Api\Data;

use CrowdSky\Accounts\Visitor;
use CrowdSky\Base\Refusal;
use CrowdSky\Http\Request;
use CrowdSky\Http\Response;
use CrowdSky\Kernel\App;
use CrowdSky\Stacks\Stack;
use CrowdSky\Stacks\StackArchive;

/** api/stacks_data.php: all stacks of the user as JSON, for plots and scripts. */
final class StacksData
{
    /** @throws Refusal without a login, and for any parameter */
    public static function answer(App $app, Request $request): Response
    {
        $user = Visitor::of($app, $request)->requireUser();
        (new DataCall($request))->refuseUnknown([]);

        return Response::json(array_map(fn (Stack $stack) => [
            'id' => $stack->id,
            'ra_deg' => $stack->ra,
            'dec_deg' => $stack->dec,
            'object_name' => $stack->objectName,
            'chunk_key' => $stack->chunkKey,
            'date_obs_start' => $stack->dateObsStart,
            'n_frames_input' => $stack->framesInput,
            'n_frames_aligned' => $stack->framesAligned,
            'total_exptime' => $stack->totalExposure,
            'file_size_bytes' => $stack->bytes,
            'smoothed' => $stack->isSmoothed,
        ], (new StackArchive($app->database()))->ofUser($user)));
    }
}
