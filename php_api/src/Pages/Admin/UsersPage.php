<?php

declare(strict_types=1);

namespace CrowdSky\Pages\Admin;

use CrowdSky\Accounts\Accounts;
use CrowdSky\Accounts\MailedCodes;
use CrowdSky\Accounts\SecondFactor;
use CrowdSky\Accounts\User;
use CrowdSky\Accounts\Visitor;
use CrowdSky\Base\Refusal;
use CrowdSky\Http\OwnPage;
use CrowdSky\Http\Request;
use CrowdSky\Http\Response;
use CrowdSky\Kernel\App;
use CrowdSky\Pages\Notes;
use CrowdSky\Pages\Pager;
use CrowdSky\Pages\RefusedForm;
use CrowdSky\Pages\Texts;
use CrowdSky\Pages\View;
use CrowdSky\Stacks\AccountDeletion;

/**
 * The accounts of the site, with forms to approve or reject a new one, to lock one, which ends its sessions at once, to set
 * its quota and role, to give it a new password, and to delete it.
 */
final class UsersPage
{
    private const MAX_QUOTA_GB = 1_000_000;
    private const NEW_CODE = 'new_password';
    private const PER_PAGE = 100;
    private const MAX_TEXT = 100;

    /** @throws Refusal for everybody but admins */
    public static function answer(App $app, Request $request): Response
    {
        $visitor = Visitor::of($app, $request);
        $admin = $visitor->requireAdmin();
        $accounts = new Accounts($app->database(), $app->clock());
        if ($request->method() === 'POST') {
            $visitor->requireCsrf($request->form('csrf_token'));

            return RefusedForm::take($request, static function () use ($app, $request, $accounts, $admin, $visitor): Response {
                Notes::leave($visitor, self::act($app, $accounts, $admin, $visitor));
                $page = strtok(OwnPage::named($request->form('return')) ?? 'admin_users.php', '#');

                // A code is shown at the top, where it has to be seen.
                return Response::redirect($request->form('action') === 'new_password' ? $page : "$page#user-{$request->formId('user_id')}");
            }, static fn (): Response => self::show($app, $request, $accounts, $visitor));
        }

        return self::show($app, $request, $accounts, $visitor);
    }

    private static function show(App $app, Request $request, Accounts $accounts, Visitor $visitor): Response
    {
        $text = mb_substr(trim($request->query('find') ?? ''), 0, self::MAX_TEXT);
        $total = $accounts->count($text);
        $pager = Pager::of($request, $total, self::PER_PAGE, $text === '' ? [] : ['find' => $text]);

        return View::of($visitor)->page('admin_users', 'Users', [
            'users' => $accounts->page($text, $pager->perPage, $pager->offset()),
            'find' => $text,
            'total' => $total,
            'pager' => $pager,
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
        if ($visitor->request->form('action') === 'delete') {
            return self::delete($app, $admin, $user, $visitor->request);
        }
        self::change($accounts, $admin, $user, $visitor->request);

        $name = ['name' => $user->username];

        return match ($visitor->request->form('action')) {
            'lock' => $texts->say('{name} is locked and logged out everywhere.', $name),
            'unlock' => $texts->say('{name} may log in now.', $name),
            'reject' => $texts->say('The account {name} is rejected; its name can be registered again.', $name),
            'make_admin' => $texts->say('{name} is an admin now.', $name),
            'make_user' => $texts->say('{name} is no admin any more.', $name),
            default => $texts->say('The limit of {name} is set.', $name),
        };
    }

    /** Locks the account at once; what belongs to it is deleted after the answer, and by the next cleanups. */
    private static function delete(App $app, User $admin, User $user, Request $request): string
    {
        if ($user->id === $admin->id) {
            throw Refusal::badInput('Delete your own account on the page Account.');
        }
        $keepsPublic = match ($request->form('public_stacks')) {
            'keep' => true,
            'delete' => false,
            default => throw Refusal::badInput("'public_stacks' must be keep or delete", 'no_choice')->at('public_stacks'),
        };
        $deletion = AccountDeletion::of($app);
        $deletion->request($user, $keepsPublic);
        $app->log()->info('an admin has an account deleted', ['user' => $user->id, 'admin' => $admin->id, 'public stacks stay' => $keepsPublic]);
        $app->afterwards(static function () use ($deletion, $user): void {
            set_time_limit(0);
            $deletion->proceed($user->id);
        });

        return Texts::of($request)->say('The account {name} is closed, and what belongs to it is being deleted.', ['name' => $user->username]);
    }

    private static function change(Accounts $accounts, User $admin, User $user, Request $request): void
    {
        $action = $request->form('action');
        if ($action === 'quota') {
            $accounts->setQuota($user->id, self::quotaBytes(trim($request->form('quota_gb') ?? '')));
        } elseif ($user->id === $admin->id) {
            throw Refusal::badInput('You cannot lock your own account or change its role; ask another admin.');
        } else {
            $isDone = match ($action) {
                'lock' => $accounts->setActive($user->id, false),
                'unlock' => $accounts->setActive($user->id, true),
                'reject' => $accounts->reject($user->id),
                'make_admin' => $accounts->setRole($user->id, User::ROLE_ADMIN),
                'make_user' => $accounts->setRole($user->id, User::ROLE_USER),
                default => throw Refusal::badInput("'action' must be quota, lock, unlock, reject, make_admin, make_user, delete, new_password or reset_factor"),
            };
            if (!$isDone) {
                throw Refusal::conflict("That is not possible with the account {$user->username} as it is now; look at the list again");
            }
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
                'A quota is a number of gigabytes from 0 to ' . self::MAX_QUOTA_GB . ', such as 2.5; leave the field empty for the default.',
                'no_quota',
            )->at('quota_gb');
        }

        return (int) round($number * 1e9);
    }
}
