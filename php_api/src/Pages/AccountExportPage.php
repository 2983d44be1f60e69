<?php

declare(strict_types=1);

namespace CrowdSky\Pages;

use CrowdSky\Accounts\Visitor;
use CrowdSky\Http\Request;
use CrowdSky\Http\Response;
use CrowdSky\Kernel\App;
use CrowdSky\Stacks\AccountExport;

/** All data of one's own account as a file. */
final class AccountExportPage
{
    public static function answer(App $app, Request $request): Response
    {
        $user = Visitor::of($app, $request)->requireUserForPage();
        $headers = [
            'Content-Type' => 'application/json; charset=utf-8',
            'Content-Disposition' => "attachment; filename=\"crowdsky_{$user->username}.json\"",
        ];

        return new Response(200, $headers, static function () use ($app, $user): void {
            set_time_limit(0);
            (new AccountExport($app->database()))->write($user);
        });
    }
}
