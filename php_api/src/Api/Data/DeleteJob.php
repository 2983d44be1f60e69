<?php

declare(strict_types=1);

namespace CrowdSky\Api\Data;

use CrowdSky\Accounts\Visitor;
use CrowdSky\Base\Refusal;
use CrowdSky\Hips\Withdrawal;
use CrowdSky\Http\Request;
use CrowdSky\Http\Response;
use CrowdSky\Kernel\App;

/** api/delete_job.php: removes one of the user's jobs, for scripts. */
final class DeleteJob
{
    /** @throws Refusal when the job cannot be removed now, or not by this user; see docs/api.md */
    public static function answer(App $app, Request $request): Response
    {
        $visitor = Visitor::of($app, $request);
        $user = $visitor->requireUser();
        $body = $request->body()->json();
        $visitor->requireCsrf($body->optionalText('csrf_token', 256));
        Withdrawal::of($app)->removeJob($body->id('job_id'), $user);

        return Response::json(['ok' => true]);
    }
}
