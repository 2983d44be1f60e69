<?php

declare(strict_types=1);

namespace CrowdSky\Api\Client;

use CrowdSky\Base\Refusal;
use CrowdSky\Http\Request;
use CrowdSky\Http\Response;
use CrowdSky\Kernel\App;
use CrowdSky\Results\ResultKind;
use CrowdSky\Stacks\OwnStacks;
use CrowdSky\Stacks\StackTransfer;

/** The picture of one of the user's stacks, a PNG, for the user's own programs. */
final class Thumbnail
{
    /** @throws Refusal without the account of a user, and when there is no such picture; see docs/api.md */
    public static function answer(App $app, Request $request): Response
    {
        $user = ClientCall::user($app, $request);
        $stack = (new OwnStacks($app->database()))->get($user->id, $request->queryId('id'));

        return StackTransfer::of($app)->companion($request, $stack, ResultKind::Thumbnail, "stack_{$stack->id}")
            ->with(['Cache-Control' => 'no-store']);
    }
}
