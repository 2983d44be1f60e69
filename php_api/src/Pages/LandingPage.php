<?php

declare(strict_types=1);

namespace CrowdSky\Pages;

use CrowdSky\Accounts\Visitor;
use CrowdSky\Http\Request;
use CrowdSky\Http\Response;
use CrowdSky\Kernel\App;

/** The front page: what the site is for and where to begin. */
final class LandingPage
{
    public static function answer(App $app, Request $request): Response
    {
        return View::of(Visitor::of($app, $request))->page('landing', 'CrowdSky', [
            'canRegister' => $app->config()->registration === 'open',
            'chunkMinutes' => $app->config()->chunkMinutes,
        ]);
    }
}
