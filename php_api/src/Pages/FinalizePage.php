<?php

declare(strict_types=1);

namespace CrowdSky\Pages;

use CrowdSky\Accounts\Visitor;
use CrowdSky\Base\Refusal;
use CrowdSky\Http\Request;
use CrowdSky\Http\Response;
use CrowdSky\Kernel\App;
use CrowdSky\Uploads\UploadServices;

/** Ends an upload. The upload page's script gets JSON, a plain form gets a page. */
final class FinalizePage
{
    /** @throws Refusal when the upload cannot be ended; see docs/api.md */
    public static function answer(App $app, Request $request): Response
    {
        $visitor = Visitor::of($app, $request);
        $user = $visitor->requireUser();
        $visitor->requireCsrf($request->form('csrf_token'));
        $token = $request->form('session_token') ?? '';
        if ($token === '') {
            throw Refusal::badInput("'session_token' is missing", 'no_session_token');
        }
        $upload = UploadServices::of($app)->finalizer()->finalize($user, $token);
        if ($request->wantsPage()) {
            return Response::redirect('status.php?session=' . rawurlencode($token));
        }

        $texts = Texts::of($request);

        return Response::json([
            'ok' => true,
            'jobs' => count($upload->jobIds),
            'job_ids' => $upload->jobIds,
            'queued_ids' => $upload->queuedIds,
            'chunks' => $upload->chunks,
            'skipped' => $upload->skipped,
            'left_out' => array_map(static fn (array $sub): array => ['reason' => $texts->repeat($sub['reason'])] + $sub, $upload->leftOut),
        ]);
    }
}
