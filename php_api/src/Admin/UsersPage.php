<?php

declare(strict_types=1);

namespace CrowdSky\Admin;

use CrowdSky\Accounts\Accounts;
use CrowdSky\Accounts\Visitor;
use CrowdSky\App;
use CrowdSky\Http\HttpError;
use CrowdSky\Http\Request;
use CrowdSky\Http\Response;

/** The accounts of the site; locking one ends its logins at once. */
final class UsersPage
{
    /** @throws HttpError 302 without a login, 400, 403 for everybody but admins */
    public static function answer(App $app, Request $request): Response
    {
        $visitor = Visitor::of($app, $request);
        $admin = $visitor->requireAdmin();
        $accounts = new Accounts($app->database(), $app->clock());
        if ($request->method() === 'POST') {
            $visitor->requireCsrf($request->form('csrf_token'));
            $userId = $request->formId('user_id');
            if ($userId === $admin->id) {
                throw HttpError::badRequest('You cannot lock your own account; ask another admin.');
            }
            $accounts->setActive($userId, $request->form('action') === 'unlock');

            return Response::redirect('admin_users.php');
        }

        return $visitor->view()->page('admin_users', 'Users', ['users' => $accounts->all()]);
    }
}
