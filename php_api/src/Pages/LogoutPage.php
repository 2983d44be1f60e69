<?php

declare(strict_types=1);

namespace CrowdSky\Pages;

use CrowdSky\Accounts\Visitor;
use CrowdSky\Http\Request;
use CrowdSky\Http\Response;
use CrowdSky\Kernel\App;

/** Logs the user out, by POST only: a link or an image on another site must not log anybody out. */
final class LogoutPage
{
    public static function answer(App $app, Request $request): Response
    {
        $visitor = Visitor::of($app, $request);
        if ($visitor->user() !== null) {
            $visitor->requireCsrf($request->form('csrf_token'));
            $visitor->session->logOut();
        }

        return Response::redirect('login.php?msg=logged_out');
    }
}
