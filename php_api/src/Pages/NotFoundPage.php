<?php

declare(strict_types=1);

namespace CrowdSky\Pages;

use CrowdSky\Base\Refusal;
use CrowdSky\Http\Request;
use CrowdSky\Http\Response;
use CrowdSky\Kernel\App;

/** What a web server answers with for an address that nothing of the site has, see docs/deployment.md. */
final class NotFoundPage
{
    /** @throws Refusal always */
    public static function answer(App $app, Request $request): Response
    {
        throw Refusal::notFound('There is nothing at this address.');
    }
}
