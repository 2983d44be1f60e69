<?php

declare(strict_types=1);

namespace CrowdSky\Pages\Admin;

use CrowdSky\Accounts\User;
use CrowdSky\Accounts\Visitor;
use CrowdSky\Base\Refusal;
use CrowdSky\Bulk\BulkAction;
use CrowdSky\Bulk\BulkRun;
use CrowdSky\Bulk\BulkRuns;
use CrowdSky\Bulk\BulkServices;
use CrowdSky\Gallery\GalleryServices;
use CrowdSky\Http\OwnPage;
use CrowdSky\Http\Request;
use CrowdSky\Http\Response;
use CrowdSky\Kernel\App;
use CrowdSky\Pages\Gallery\GalleryForm;
use CrowdSky\Pages\Notes;
use CrowdSky\Pages\Texts;
use CrowdSky\Pages\View;
use CrowdSky\Sky\Viewer;

/** Asks before something is done with many jobs or stacks, does it in pieces, and leads back to where it was chosen. */
final class BulkPage
{
    /** Seconds that one request works. */
    private const SECONDS = 3.0;
    /** Kinds of reasons that a note gives. */
    private const REASONS_SHOWN = 4;

    /** @throws Refusal for everybody but admins, and for a form that is not ours */
    public static function answer(App $app, Request $request): Response
    {
        $visitor = Visitor::of($app, $request);
        $admin = $visitor->requireAdmin();
        if ($request->method() !== 'POST') {
            return self::show($app, $visitor, BulkServices::of($app)->runs()->get($request->queryId('id'), $admin));
        }
        $visitor->requireCsrf($request->form('csrf_token'));

        return match ($request->form('step')) {
            'rescan' => self::proposeRescan($app, $request, $visitor, $admin),
            'go' => self::work($app, $request, $visitor, $admin),
            'leave' => self::leave($app, $request, $visitor, $admin),
            default => throw Refusal::badInput("'step' must be rescan, go or leave"),
        };
    }

    private static function show(App $app, Visitor $visitor, BulkRun $run): Response
    {
        return View::of($visitor)->page('admin_bulk', 'Many at once', [
            'run' => $run,
            'obstacles' => $run->done > 0 ? [] : BulkServices::of($app)->forecast()->of($run),
        ]);
    }

    /** Stacks that were selected in the gallery, or all that match there. */
    private static function proposeRescan(App $app, Request $request, Visitor $visitor, User $admin): Response
    {
        $viewer = Viewer::of($admin);
        $ids = $request->form('all') === '1'
            ? GalleryServices::of($app)->ids()->ids(GalleryForm::ofPost($request, $viewer)->wish, $viewer)
            : [...array_map('intval', array_filter(explode(',', $request->form('ids') ?? ''), 'ctype_digit')), ...$request->formIds('stack')];
        $back = OwnPage::named($request->form('return')) ?? 'stacks.php';
        $ids = array_values(array_unique($ids));
        sort($ids);
        if ($ids === []) {
            Notes::leave($visitor, Texts::of($request)->say('No stack is selected. Select some, or all that match.'));

            return Response::redirect($back);
        }
        $id = BulkServices::of($app)->runs()->propose($admin, BulkAction::Rescan, array_slice($ids, 0, BulkRuns::MOST), [], null, $back);

        return Response::redirect("admin_bulk.php?id=$id");
    }

    private static function work(App $app, Request $request, Visitor $visitor, User $admin): Response
    {
        $runs = BulkServices::of($app)->runs();
        $run = $runs->work($runs->get($request->formId('id'), $admin), $admin, self::SECONDS);
        if (!$run->isDone()) {
            return Response::redirect("admin_bulk.php?id={$run->id}");
        }

        return self::end($app, $request, $visitor, $run);
    }

    /** Stops where it is: what has been changed stays so. */
    private static function leave(App $app, Request $request, Visitor $visitor, User $admin): Response
    {
        return self::end($app, $request, $visitor, BulkServices::of($app)->runs()->get($request->formId('id'), $admin));
    }

    private static function end(App $app, Request $request, Visitor $visitor, BulkRun $run): Response
    {
        foreach (self::sentences(Texts::of($request), $run) as $sentence) {
            Notes::leave($visitor, $sentence);
        }
        BulkServices::of($app)->runs()->forget($run);

        return Response::redirect($run->returnTo);
    }

    /** @return list<string> what was done, in the admin's language */
    private static function sentences(Texts $texts, BulkRun $run): array
    {
        $sentences = [$run->done === 0 ? $texts->say('Nothing was changed.') : BulkWords::changed($texts, $run->action, $run->changed)];
        $reasons = $run->reasons;
        uasort($reasons, static fn (array $a, array $b): int => $b['n'] <=> $a['n']);
        foreach (array_slice($reasons, 0, self::REASONS_SHOWN) as ['n' => $count, 'example' => $example]) {
            $sentences[] = $count === 1 ? $texts->repeat("$example.") : $texts->say('{n} stay as they are, such as: {example}.', ['n' => $texts->number($count), 'example' => $texts->repeat($example)]);
        }
        if ($run->done > 0 && !$run->isDone()) {
            $sentences[] = $texts->say('Stopped: {n} were not looked at.', ['n' => $run->total - $run->done]);
        }

        return $sentences;
    }
}
