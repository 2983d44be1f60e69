<?php

declare(strict_types=1);

namespace CrowdSky\Pages;

use CrowdSky\Http\Request;
use CrowdSky\Http\Response;
use CrowdSky\Kernel\App;

/**
 * What a web server answers with for an address that nothing of the site has, see docs/deployment.md.
 *
 * It is a page for programs, too: by JSON they would know an API that does not have what they asked for, such as a job.
 */
final class NotFoundPage
{
    public static function answer(App $app, Request $request): Response
    {
        $page = View::errorPage(404, 'There is nothing at this address.', null, $request, $app);

        return Response::html($page, 404);
    }
}
