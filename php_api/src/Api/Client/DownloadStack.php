<?php

declare(strict_types=1);

namespace CrowdSky\Api\Client;

use CrowdSky\Base\Refusal;
use CrowdSky\Http\Request;
use CrowdSky\Http\Response;
use CrowdSky\Kernel\App;
use CrowdSky\Stacks\OwnStacks;
use CrowdSky\Stacks\Stack;
use CrowdSky\Stacks\StackTransfer;

/** One of the user's stacks by its chunk key, for the user's own programs. */
final class DownloadStack
{
    /** Characters of the longest name that every file system takes with room for the ending. */
    private const LONGEST_STEM = 180;

    /** @throws Refusal without the account of a user, and when there is no such stack; see docs/api.md */
    public static function answer(App $app, Request $request): Response
    {
        $user = ClientCall::user($app, $request);
        $key = $request->query('chunk_key') ?? throw Refusal::badInput("'chunk_key' is missing");
        $id = $request->query('id') === null ? null : $request->queryId('id');
        $stack = (new OwnStacks($app->database()))->withKey($user->id, $key, $id);

        return StackTransfer::of($app)->stack($request, $stack, self::stem($stack));
    }

    /** A name that no other stack has: clients overwrite what has the same name. */
    private static function stem(Stack $stack): string
    {
        $object = substr($stack->objectName ?? 'unknown', 0, self::LONGEST_STEM);

        return "{$object}_{$stack->healpixKey}_{$stack->id}";
    }
}
