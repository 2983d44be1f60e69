<?php

declare(strict_types=1);

namespace CrowdSky\Pages;

use CrowdSky\Accounts\User;
use CrowdSky\Accounts\Visitor;
use CrowdSky\Base\Refusal;
use CrowdSky\Http\Request;
use CrowdSky\Http\Response;
use CrowdSky\Kernel\App;
use CrowdSky\Workers\WorkerServices;

/** How to lend a computer: what for, a key of one's own, and what one's workers have given. */
final class VolunteerPage
{
    private const NEW_KEY = 'volunteer_key';

    /** @throws Refusal for a form that is not ours, and for what is not possible now */
    public static function answer(App $app, Request $request): Response
    {
        $visitor = Visitor::of($app, $request);

        return $request->method() === 'POST' ? self::take($app, $request, $visitor) : self::show($app, $request, $visitor);
    }

    private static function take(App $app, Request $request, Visitor $visitor): Response
    {
        $user = $visitor->requireUserForPage();
        $visitor->requireCsrf($request->form('csrf_token'));

        return RefusedForm::take(
            $request,
            static fn (): Response => self::act($app, $request, $visitor, $user),
            static fn (): Response => self::show($app, $request, $visitor),
        );
    }

    private static function act(App $app, Request $request, Visitor $visitor, User $user): Response
    {
        $volunteers = WorkerServices::of($app)->volunteers();
        $texts = Texts::of($request);
        $action = $request->form('action');
        match ($action) {
            'ask' => $volunteers->ask($user->id, $request->form('note') ?? ''),
            'make' => Notes::leaveSecrets($visitor, $app->clock(), self::NEW_KEY, [$volunteers->make($user->id)]),
            'revoke' => $volunteers->revoke($user->id),
            default => throw Refusal::badInput("'action' must be ask, make or revoke"),
        };
        if ($action === 'revoke') {
            Notes::leave($visitor, $texts->say('The key is revoked; workers with it get no more jobs.'));
        }

        return Response::redirect('volunteer.php');
    }

    private static function show(App $app, Request $request, Visitor $visitor): Response
    {
        $user = $visitor->user();
        $volunteers = WorkerServices::of($app)->volunteers();
        $volunteer = $user === null ? null : $volunteers->of($user->id);

        return View::of($visitor)->page('volunteer', 'Help with your computer', [
            'isOpen' => $volunteers->isOpen(),
            'volunteer' => $volunteer,
            'given' => $volunteer?->key === null ? null : $volunteers->givenBy($volunteer->key),
            'newKey' => Notes::takeSecrets($visitor, $app->clock(), self::NEW_KEY)[0] ?? null,
            'api' => $request->siteAddress() . '/api',
            'probation' => $app->config()->volunteerProbation,
        ]);
    }
}
