<?php

declare(strict_types=1);

namespace CrowdSky\Pages\Admin;

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
use CrowdSky\Trust\HeldListing;
use CrowdSky\Workers\KeyStore;
use CrowdSky\Workers\TrustLevel;
use CrowdSky\Workers\WorkerServices;

/** Workers and their keys: who is working, forms to create and revoke keys, and how far each is trusted. */
final class WorkersPage
{
    /** Seconds after its last call when a worker is shown as silent. */
    public const SILENT_SECONDS = 600;
    private const NEW_KEY = 'worker_key';

    /** @throws Refusal for everybody but admins, and for keys and levels that do not exist */
    public static function answer(App $app, Request $request): Response
    {
        $visitor = Visitor::of($app, $request);
        $visitor->requireAdmin();
        if ($request->method() !== 'POST') {
            return self::show($app, $visitor, $request->query('sort') ?? WorkerTable::SEEN);
        }
        $visitor->requireCsrf($request->form('csrf_token'));

        return RefusedForm::take($request, static function () use ($app, $request, $visitor): Response {
            Notes::leave($visitor, self::act($app, $request, $visitor));
            // A new key is shown at the top; other actions lead back to where their form is.
            $place = match ($request->form('action')) {
                'revoke', 'level', 'lift' => "#key-{$request->formId('key_id')}",
                'grant', 'decline' => '#volunteers',
                default => '',
            };

            return Response::redirect("admin_workers.php$place");
        }, static fn (): Response => self::show($app, $visitor, WorkerTable::SEEN));
    }

    /** @return string what has been done, in the admin's language */
    private static function act(App $app, Request $request, Visitor $visitor): string
    {
        $workers = WorkerServices::of($app);
        $action = $request->form('action');
        match ($action) {
            'revoke' => $workers->keys()->revoke($request->formId('key_id')),
            'level' => $workers->keyTrust()->setLevel($request->formId('key_id'), self::level($request)),
            'lift' => $workers->keyTrust()->lift($request->formId('key_id')),
            'grant', 'decline' => $workers->volunteers()->decide($request->formId('user_id'), $action === 'grant'),
            default => Notes::leaveSecrets($visitor, $app->clock(), self::NEW_KEY, [self::create($workers->keys(), $request)]),
        };

        $texts = Texts::of($request);

        return match ($action) {
            'revoke' => $texts->say('The key is revoked.'),
            'level' => $texts->say('The level of the key is set.'),
            'lift' => $texts->say('The quarantine of the key is lifted.'),
            'grant' => $texts->say('The volunteer may make a key now.'),
            'decline' => $texts->say('The volunteer gets no key.'),
            default => $texts->say('The key is created.'),
        };
    }

    /** @return string the key, which cannot be shown again */
    private static function create(KeyStore $keys, Request $request): string
    {
        return $keys->create($request->form('name') ?? '', self::level($request)->inScopes([KeyStore::SCOPE_JOBS]), $request->form('last_day'));
    }

    private static function level(Request $request): TrustLevel
    {
        return TrustLevel::tryFrom($request->form('level') ?? TrustLevel::Standard->value)
            ?? throw Refusal::badInput("'level' must be one of " . implode(', ', array_column(TrustLevel::cases(), 'value')), 'no_choice')->at('level');
    }

    private static function show(App $app, Visitor $visitor, string $order): Response
    {
        if (!in_array($order, WorkerTable::ORDERS, true)) {
            throw Refusal::badInput("'sort' must be one of " . implode(', ', WorkerTable::ORDERS));
        }
        $workers = WorkerServices::of($app);
        $keys = $workers->keys()->all();

        return View::of($visitor)->page('admin_workers', 'Workers', [
            'workers' => WorkerTable::of($app, $keys, $order),
            'order' => $order,
            'keys' => $keys,
            'volunteers' => $workers->volunteers()->waiting(),
            'quarantined' => $workers->keyTrust()->quarantined(),
            'held' => (new HeldListing($app->database()))->count(),
            'now' => Utc::stored($app->clock()->now()),
            'probation' => $app->config()->volunteerProbation,
            'newKey' => Notes::takeSecrets($visitor, $app->clock(), self::NEW_KEY)[0] ?? null,
        ]);
    }
}
