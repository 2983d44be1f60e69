<?php

declare(strict_types=1);

namespace CrowdSky\Pages;

use CrowdSky\Accounts\User;
use CrowdSky\Accounts\Visitor;
use CrowdSky\Base\Refusal;
use CrowdSky\Custody\CustodyServices;
use CrowdSky\Fits\TelescopeId;
use CrowdSky\Http\Request;
use CrowdSky\Http\Response;
use CrowdSky\Jobs\JobServices;
use CrowdSky\Kernel\App;
use CrowdSky\Measurements\MeasurementStore;
use CrowdSky\Rescans\RescanOptions;
use CrowdSky\Rescans\RescanRequest;
use CrowdSky\Rescans\Rescans;
use CrowdSky\Stacks\StackArchive;

/** The page of one stack: what it is made of, what was measured on it, and the button to measure it again. */
final class StackPage
{
    /** @throws Refusal for a stack that is not the user's, or a form that is not ours */
    public static function answer(App $app, Request $request): Response
    {
        $visitor = Visitor::of($app, $request);
        $user = $visitor->requireUserForPage();

        return $request->method() === 'POST'
            ? self::rescan($app, $request, $visitor, $user)
            : self::show($app, $request, $visitor, $user);
    }

    private static function show(App $app, Request $request, Visitor $visitor, User $user): Response
    {
        $stack = (new StackArchive($app->database()))->get($request->queryId('id'), $user);
        $job = JobServices::of($app)->store()->get($stack->jobId);

        return View::of($visitor)->page('stack', $stack->objectName ?? 'Unnamed object', [
            'stack' => $stack,
            'measurement' => (new MeasurementStore($app->database()))->find($stack->id),
            'telescopeId' => TelescopeId::of($stack->telescope, CustodyServices::of($app)->ids()->oldest(), $stack->userId),
            'job' => $job,
            'clock' => StackClock::of($app, $job, $stack),
            'rescan' => Rescans::of($app)->latestOf($stack->id),
        ], Veil::over($app, $job, $user));
    }

    private static function rescan(App $app, Request $request, Visitor $visitor, User $user): Response
    {
        $visitor->requireCsrf($request->form('csrf_token'));
        $stack = (new StackArchive($app->database()))->get($request->formId('stack_id'), $user);
        $wish = new RescanRequest($user->actor(), null, RescanOptions::fromForm($request->form('solver')));
        Rescans::of($app)->queue([$stack->id], $wish);

        return Response::redirect("stack.php?id={$stack->id}");
    }
}
