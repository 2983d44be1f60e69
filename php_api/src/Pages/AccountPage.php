<?php

declare(strict_types=1);

namespace CrowdSky\Pages;

use CrowdSky\Accounts\Accounts;
use CrowdSky\Accounts\Visitor;
use CrowdSky\Base\Refusal;
use CrowdSky\Http\Request;
use CrowdSky\Http\Response;
use CrowdSky\Kernel\App;
use CrowdSky\Uploads\UploadServices;

/** What users decide about their own account. */
final class AccountPage
{
    /** @throws Refusal for a form from another site */
    public static function answer(App $app, Request $request): Response
    {
        $visitor = Visitor::of($app, $request);
        $user = $visitor->requireUserForPage();
        if ($request->method() === 'POST') {
            $visitor->requireCsrf($request->form('csrf_token'));
            $accounts = new Accounts($app->database(), $app->clock());
            $accounts->setSharesPosition($user->id, $request->form('share_position') === '1');

            return Response::redirect('account.php?msg=saved');
        }

        return View::of($visitor)->page('account', 'Account', [
            'isSaved' => $request->query('msg') === 'saved',
            'room' => UploadServices::of($app)->quota()->room($user),
        ]);
    }
}
