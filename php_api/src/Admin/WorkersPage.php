<?php

declare(strict_types=1);

namespace CrowdSky\Admin;

use CrowdSky\Accounts\Visitor;
use CrowdSky\App;
use CrowdSky\Http\HttpError;
use CrowdSky\Http\Request;
use CrowdSky\Http\Response;
use CrowdSky\Jobs\JobStatus;
use CrowdSky\Utc;
use CrowdSky\Workers\KeyStore;

/** Workers and their keys: who works, since when, and making or revoking a key. */
final class WorkersPage
{
    /** A worker that has not been heard of for this long is shown as silent. */
    private const SILENT_SECONDS = 600;

    /** @throws HttpError 302 without a login, 400, 403 for everybody but admins */
    public static function answer(App $app, Request $request): Response
    {
        $visitor = Visitor::of($app, $request);
        $visitor->requireAdmin();
        $keys = $app->jobs()->keys();
        if ($request->method() !== 'POST') {
            return self::show($app, $visitor, $keys);
        }
        $visitor->requireCsrf($request->form('csrf_token'));
        if ($request->form('action') === 'revoke') {
            $keys->revoke($request->formId('key_id'));

            return Response::redirect('admin_workers.php');
        }
        // The key is in this one answer only; a redirect would have to keep it somewhere.
        $isTrusted = $request->form('trusted') === '1';

        return self::show($app, $visitor, $keys, self::create($keys, trim($request->form('name') ?? ''), $isTrusted));
    }

    private static function create(KeyStore $keys, string $name, bool $isTrusted): string
    {
        try {
            return $keys->create($name, [KeyStore::SCOPE_JOBS, ...($isTrusted ? [KeyStore::SCOPE_TRUSTED] : [])]);
        } catch (\InvalidArgumentException $error) {
            throw HttpError::badRequest($error->getMessage());
        }
    }

    private static function show(App $app, Visitor $visitor, KeyStore $keys, ?string $newKey = null): Response
    {
        $running = $app->database()->all(
            'SELECT id, api_key_id, worker_name, stage FROM stacking_jobs WHERE status = ? ORDER BY id',
            [JobStatus::Processing->value]
        );

        return $visitor->view()->page('admin_workers', 'Workers', [
            'workers' => $app->jobs()->workers()->all(),
            'running' => $running,
            'keys' => $keys->all(),
            'newKey' => $newKey,
            'silentBefore' => Utc::storedBefore($app->clock()->now(), self::SILENT_SECONDS),
        ]);
    }
}
