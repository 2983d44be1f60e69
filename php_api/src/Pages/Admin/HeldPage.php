<?php

declare(strict_types=1);

namespace CrowdSky\Pages\Admin;

use CrowdSky\Accounts\Visitor;
use CrowdSky\Base\Refusal;
use CrowdSky\Http\OwnPage;
use CrowdSky\Http\Request;
use CrowdSky\Http\Response;
use CrowdSky\Kernel\App;
use CrowdSky\Pages\Notes;
use CrowdSky\Pages\Pager;
use CrowdSky\Pages\RefusedForm;
use CrowdSky\Pages\Texts;
use CrowdSky\Pages\View;
use CrowdSky\Stars\StarServices;
use CrowdSky\Trust\HeldListing;
use CrowdSky\Trust\TrustServices;
use CrowdSky\Workers\WorkerServices;

/** Results of volunteers that wait for a second opinion; an admin can decide without one. */
final class HeldPage
{
    private const PER_PAGE = 50;

    /** @throws Refusal for everybody but admins, and when a result cannot be decided on now */
    public static function answer(App $app, Request $request): Response
    {
        $visitor = Visitor::of($app, $request);
        $admin = $visitor->requireAdmin();
        if ($request->method() === 'POST') {
            $visitor->requireCsrf($request->form('csrf_token'));

            return RefusedForm::take($request, static function () use ($app, $request, $visitor, $admin): Response {
                self::decide($app, $request, $admin->actor());
                $texts = Texts::of($request);
                Notes::leave($visitor, $request->form('action') === 'accept'
                    ? $texts->say('The result is accepted; its stack is in the archive.')
                    : $texts->say('The result is rejected; another worker gets the job.'));

                return Response::redirect(OwnPage::named($request->form('return')) ?? 'admin_held.php');
            }, static fn (): Response => self::show($app, $request, $visitor));
        }

        return self::show($app, $request, $visitor);
    }

    private static function show(App $app, Request $request, Visitor $visitor): Response
    {
        $listing = new HeldListing($app->database());
        $pager = Pager::of($request, $listing->count(), self::PER_PAGE);

        return View::of($visitor)->page('admin_held', 'Held results', [
            'rows' => $listing->page($pager->perPage, $pager->offset()),
            'pager' => $pager,
            'quarantined' => WorkerServices::of($app)->keyTrust()->quarantined(),
        ]);
    }

    private static function decide(App $app, Request $request, string $actor): void
    {
        $decisions = TrustServices::of($app)->decisions();
        $heldId = $request->formId('held_id');
        // Accepting reads the whole stack back, possibly from remote storage.
        set_time_limit(0);
        match ($request->form('action')) {
            'accept' => StarServices::of($app)->intake()->tryStack($decisions->accept($heldId, $actor)),
            'reject' => $decisions->reject($heldId, $actor),
            default => throw Refusal::badInput("'action' must be accept or reject"),
        };
    }
}
