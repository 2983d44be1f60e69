<?php

declare(strict_types=1);

namespace CrowdSky\Pages\Admin;

use CrowdSky\Accounts\Accounts;
use CrowdSky\Accounts\MailedCodes;
use CrowdSky\Accounts\SecondFactor;
use CrowdSky\Accounts\User;
use CrowdSky\Accounts\Visitor;
use CrowdSky\Base\Refusal;
use CrowdSky\Http\Request;
use CrowdSky\Http\Response;
use CrowdSky\Kernel\App;
use CrowdSky\Pages\Notes;
use CrowdSky\Pages\Texts;
use CrowdSky\Pages\View;

/** The accounts of the site, with forms to lock one, which ends its sessions at once, to approve or reject a new one, and to set its quota. */
final class UsersPage
{
    private const MAX_QUOTA_GB = 1_000_000;
    private const NEW_CODE = 'new_password';

    /** @throws Refusal for everybody but admins */
    public static function answer(App $app, Request $request): Response
    {
        $visitor = Visitor::of($app, $request);
        $admin = $visitor->requireAdmin();
        $accounts = new Accounts($app->database(), $app->clock());
        if ($request->method() === 'POST') {
            $visitor->requireCsrf($request->form('csrf_token'));
            Notes::leave($visitor, self::act($app, $accounts, $admin, $visitor));

            return Response::redirect('admin_users.php');
        }

        return View::of($visitor)->page('admin_users', 'Users', [
            'users' => $accounts->all(),
            'newCode' => Notes::takeSecrets($visitor, $app->clock(), self::NEW_CODE)[0] ?? null,
            'defaultQuotaBytes' => $app->config()->userQuotaBytes ?: null,
        ]);
    }

    /** @return string what has been done, in the admin's language */
    private static function act(App $app, Accounts $accounts, User $admin, Visitor $visitor): string
    {
        $texts = Texts::of($visitor->request);
        $userId = $visitor->request->formId('user_id');
        $user = $accounts->find($userId) ?? throw Refusal::notFound("There is no account $userId");
        if ($user->hasLeft()) {
            throw Refusal::conflict('The owner of this account has left; it only stands for the public stacks that stay.');
        }
        if ($visitor->request->form('action') === 'new_password') {
            $code = (new MailedCodes($app->database(), $app->clock()))->issue($userId, MailedCodes::PASSWORD, null);
            Notes::leaveSecrets($visitor, $app->clock(), self::NEW_CODE, [$code]);
            $app->log()->info('an admin made a code for a new password', ['user' => $userId, 'admin' => $admin->id]);

            return $texts->say('A code for {name} is made. Their password until now stays as it is.', ['name' => $user->username]);
        }
        if ($visitor->request->form('action') === 'reset_factor') {
            SecondFactor::of($app)->remove($userId);
            $app->log()->info('an admin switched a second factor off', ['user' => $userId, 'admin' => $admin->id]);

            return $texts->say('The second factor of {name} is off.', ['name' => $user->username]);
        }
        self::change($accounts, $admin, $userId, $visitor->request);

        return $texts->say('Saved: {name}.', ['name' => $user->username]);
    }

    private static function change(Accounts $accounts, User $admin, int $userId, Request $request): void
    {
        $action = $request->form('action');
        if ($action === 'quota') {
            $accounts->setQuota($userId, self::quotaBytes(trim($request->form('quota_gb') ?? '')));
        } elseif ($userId === $admin->id) {
            throw Refusal::badInput('You cannot lock your own account; ask another admin.');
        } else {
            match ($action) {
                'lock' => $accounts->setActive($userId, false),
                'unlock' => $accounts->setActive($userId, true),
                'reject' => $accounts->reject($userId),
                default => throw Refusal::badInput("'action' must be quota, lock, unlock, reject, new_password or reset_factor"),
            };
        }
    }

    /** @return int|null null for an empty field, which leaves the limit to the configuration */
    private static function quotaBytes(string $gigabytes): ?int
    {
        if ($gigabytes === '') {
            return null;
        }
        $number = filter_var($gigabytes, FILTER_VALIDATE_FLOAT);
        if ($number === false || $number < 0.0 || $number > self::MAX_QUOTA_GB) {
            throw Refusal::badInput(
                'A quota is a number of gigabytes from 0 to ' . self::MAX_QUOTA_GB . ', such as 2.5; leave the field empty for the default.'
            );
        }

        return (int) round($number * 1e9);
    }
}
