<?php

declare(strict_types=1);

namespace CrowdSky\Pages\Admin;

use CrowdSky\Accounts\DataKey;
use CrowdSky\Accounts\DataKeys;
use CrowdSky\Accounts\Visitor;
use CrowdSky\Base\Refusal;
use CrowdSky\Base\Utc;
use CrowdSky\Http\Request;
use CrowdSky\Http\Response;
use CrowdSky\Kernel\App;
use CrowdSky\Pages\Notes;
use CrowdSky\Pages\RefusedForm;
use CrowdSky\Pages\Texts;
use CrowdSky\Pages\View;

/** Service keys to the data API: creates and revokes them. */
final class KeysPage
{
    /** @throws Refusal for everybody but admins, and for a name or day that is not acceptable */
    public static function answer(App $app, Request $request): Response
    {
        $visitor = Visitor::of($app, $request);
        $visitor->requireAdmin();
        $keys = new DataKeys($app->database(), $app->clock());
        if ($request->method() === 'POST') {
            $visitor->requireCsrf($request->form('csrf_token'));

            return RefusedForm::take($request, static function () use ($app, $keys, $request, $visitor): Response {
                Notes::leave($visitor, self::act($app, $keys, $request, $visitor));

                return Response::redirect('admin_keys.php');
            }, static fn (): Response => self::show($app, $keys, $visitor));
        }

        return self::show($app, $keys, $visitor);
    }

    private static function show(App $app, DataKeys $keys, Visitor $visitor): Response
    {
        return View::of($visitor)->page('admin_keys', 'Service keys', [
            'keys' => $keys->ofServices(),
            'newKey' => Notes::takeSecrets($visitor, $app->clock(), DataKey::SERVICE)[0] ?? null,
            'now' => Utc::stored($app->clock()->now()),
        ]);
    }

    /** @return string what has been done, in the admin's language */
    private static function act(App $app, DataKeys $keys, Request $request, Visitor $visitor): string
    {
        switch ($request->form('form_action')) {
            case 'create_key':
                $key = $keys->createService($request->form('name') ?? '', $request->form('read_all') === '1', $request->form('last_day'));
                Notes::leaveSecrets($visitor, $app->clock(), DataKey::SERVICE, [$key]);
                return Texts::of($request)->say('The key is created.');
            case 'revoke_key':
                $keys->revoke($request->formId('key_id'), null);
                return Texts::of($request)->say('The key is revoked.');
            default:
                throw Refusal::badInput("'form_action' must be create_key or revoke_key");
        }
    }
}
