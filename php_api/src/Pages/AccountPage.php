<?php

declare(strict_types=1);

namespace CrowdSky\Pages;

use CrowdSky\Accounts\Accounts;
use CrowdSky\Accounts\DataKey;
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
    private const SAVED = 'Saved. It counts from now on.';

    /** @throws Refusal for a form from another site, or for a telescope or time zone that is not known */
    public static function answer(App $app, Request $request): Response
    {
        $visitor = Visitor::of($app, $request);
        $user = $visitor->requireUserForPage();
        if ($request->method() === 'POST') {
            $visitor->requireCsrf($request->form('csrf_token'));
            Notes::leave($visitor, self::change($app, $request, $visitor, $user));

            return Response::redirect('account.php');
        }

        return self::show($app, $visitor, $user);
    }

    private static function show(App $app, Visitor $visitor, User $user): Response
    {
        return View::of($visitor)->page('account', 'Account', [
            'zones' => RawServices::of($app)->zones()->ofOwner($user->id),
            'knownZones' => LocalTime::zones(),
            'keys' => (new DataKeys($app->database(), $app->clock()))->ofUser($user->id),
            'newKey' => Notes::takeSecrets($visitor, $app->clock(), DataKey::PERSONAL)[0] ?? null,
            'now' => Utc::stored($app->clock()->now()),
            'seriesSeconds' => SeriesServices::of($app)->wishes()->of($user->id),
            'room' => UploadServices::of($app)->quota()->room($user),
        ]);
    }

    /** @throws Refusal for a name or day that is not acceptable */
    private static function createKey(App $app, Request $request, Visitor $visitor, User $user): void
    {
        $keys = new DataKeys($app->database(), $app->clock());
        $key = $keys->createPersonal($user->id, $request->form('name') ?? '', $request->formTexts('scopes'), $request->form('last_day'));
        Notes::leaveSecrets($visitor, $app->clock(), DataKey::PERSONAL, [$key]);
    }

    private static function seconds(Request $request): ?int
    {
        return ($request->form('seconds') ?? '') === '' ? null : $request->formId('seconds');
    }

    /**
     * @return string what has been done
     * @throws Refusal for a value that is not acceptable
     */
    private static function change(App $app, Request $request, Visitor $visitor, User $user): string
    {
        $telescope = $request->form('telescope');
        if ($telescope !== null) {
            RawServices::of($app)->zones()->set($user->id, $telescope, $request->form('time_zone') ?? '');

            return self::SAVED;
        }
        $accounts = new Accounts($app->database(), $app->clock());
        match ($request->form('form_action') ?? 'position') {
            'position' => $accounts->setSharesPosition($user->id, $request->form('share_position') === '1'),
            'stacks' => $accounts->setStacksPublic($user->id, $request->form('stacks_public') === '1'),
            'series' => SeriesServices::of($app)->wishes()->set($user->id, self::seconds($request)),
            'create_key' => self::createKey($app, $request, $visitor, $user),
            'revoke_key' => (new DataKeys($app->database(), $app->clock()))->revoke($request->formId('key_id'), $user->id),
            default => throw Refusal::badInput("'form_action' must be position, stacks, series, create_key or revoke_key"),
        };

        return match ($request->form('form_action')) {
            'create_key' => 'The key is created.',
            'revoke_key' => 'The key is revoked.',
            default => self::SAVED,
        };
    }
}
