<?php

declare(strict_types=1);

namespace CrowdSky\Pages;

use CrowdSky\Accounts\Accounts;
use CrowdSky\Accounts\DataKeys;
use CrowdSky\Accounts\User;
use CrowdSky\Accounts\Visitor;
use CrowdSky\Base\Refusal;
use CrowdSky\Base\Utc;
use CrowdSky\Http\Request;
use CrowdSky\Http\Response;
use CrowdSky\Kernel\App;
use CrowdSky\Raws\LocalTime;
use CrowdSky\Raws\RawServices;
use CrowdSky\Series\SeriesServices;
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
            if ($request->form('form_action') === 'create_key') {
                return self::show($app, $request, $visitor, $user, self::createKey($app, $request, $user));
            }
            self::save($app, $request, $user);

            return Response::redirect('account.php?msg=saved');
        }

        return self::show($app, $request, $visitor, $user, null);
    }

    /** @param string|null $newKey a key that was created just now; no other answer shows it again */
    private static function show(App $app, Request $request, Visitor $visitor, User $user, ?string $newKey): Response
    {
        return View::of($visitor)->page('account', 'Account', [
            'isSaved' => $request->query('msg') === 'saved',
            'zones' => RawServices::of($app)->zones()->ofOwner($user->id),
            'knownZones' => LocalTime::zones(),
            'keys' => (new DataKeys($app->database(), $app->clock()))->ofUser($user->id),
            'newKey' => $newKey,
            'now' => Utc::stored($app->clock()->now()),
            'seriesSeconds' => SeriesServices::of($app)->wishes()->of($user->id),
            'room' => UploadServices::of($app)->quota()->room($user),
        ]);
    }

    /** @throws Refusal for a name or day that is not acceptable */
    private static function createKey(App $app, Request $request, User $user): string
    {
        $keys = new DataKeys($app->database(), $app->clock());

        return $keys->createPersonal($user->id, $request->form('name') ?? '', $request->form('last_day'));
    }

    private static function seconds(Request $request): ?int
    {
        return ($request->form('seconds') ?? '') === '' ? null : $request->formId('seconds');
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
            'series' => SeriesServices::of($app)->wishes()->set($user->id, self::seconds($request)),
            'revoke_key' => (new DataKeys($app->database(), $app->clock()))->revoke($request->formId('key_id'), $user->id),
            default => throw Refusal::badInput("'form_action' must be position, stacks, series, create_key or revoke_key"),
        };
    }
}
