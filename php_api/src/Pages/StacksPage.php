<?php

declare(strict_types=1);

namespace CrowdSky\Pages;

use CrowdSky\Accounts\Visitor;
use CrowdSky\Http\Request;
use CrowdSky\Http\Response;
use CrowdSky\Kernel\App;
use CrowdSky\Stacks\StackArchive;

/** The user's stacks as cards. */
final class StacksPage
{
    private const PER_PAGE = 24;

    public static function list(App $app, Request $request): Response
    {
        $visitor = Visitor::of($app, $request);
        $user = $visitor->requireUserForPage();
        $archive = new StackArchive($app->database());
        $total = $archive->countOfUser($user);
        $pager = Pager::of($request, $total, self::PER_PAGE);

        return View::of($visitor)->page('stacks', 'My stacks', [
            'stacks' => $archive->ofUser($user, $pager->perPage, $pager->offset()),
            'localStarts' => $archive->localStarts($user),
            'total' => $total,
            'pager' => $pager,
        ]);
    }
}
