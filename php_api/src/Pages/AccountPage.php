<?php

declare(strict_types=1);

namespace CrowdSky\Pages;

use CrowdSky\Accounts\Accounts;
use CrowdSky\Accounts\User;
use CrowdSky\Accounts\Visitor;
use CrowdSky\Base\Refusal;
use CrowdSky\Http\Request;
use CrowdSky\Http\Response;
use CrowdSky\Kernel\App;
use CrowdSky\Raws\LocalTime;
use CrowdSky\Raws\RawServices;
use CrowdSky\Uploads\UploadServices;

/** What users decide about their own account. */
final class AccountPage
{
    /** @throws Refusal for a form from another site, or for a telescope or time zone that is not known */
    public static function answer(App $app, Request $request): Response
    {
        $visitor = Visitor::of($app, $request);
        $user = $visitor->requireUserForPage();
        if ($request->method() === 'POST') {
            $visitor->requireCsrf($request->form('csrf_token'));
            self::save($app, $request, $user);

            return Response::redirect('account.php?msg=saved');
        }

        return View::of($visitor)->page('account', 'Account', [
            'isSaved' => $request->query('msg') === 'saved',
            'zones' => RawServices::of($app)->zones()->ofOwner($user->id),
            'knownZones' => LocalTime::zones(),
            'room' => UploadServices::of($app)->quota()->room($user),
        ]);
    }

    /** @throws Refusal for a telescope or time zone that is not known */
    private static function save(App $app, Request $request, User $user): void
    {
        $telescope = $request->form('telescope');
        if ($telescope !== null) {
            RawServices::of($app)->zones()->set($user->id, $telescope, $request->form('time_zone') ?? '');
            return;
        }
        $accounts = new Accounts($app->database(), $app->clock());
        match ($request->form('form_action') ?? 'position') {
            'position' => $accounts->setSharesPosition($user->id, $request->form('share_position') === '1'),
            'stacks' => $accounts->setStacksPublic($user->id, $request->form('stacks_public') === '1'),
            default => throw Refusal::badInput("'form_action' must be position or stacks"),
        };
    }
}
