<?php

declare(strict_types=1);

namespace CrowdSky\Admin;

use CrowdSky\Accounts\User;
use CrowdSky\Accounts\Visitor;
use CrowdSky\App;
use CrowdSky\Http\HttpError;
use CrowdSky\Http\Request;
use CrowdSky\Http\Response;
use CrowdSky\Rescans\RescanOptions;
use CrowdSky\Rescans\RescanRequest;
use CrowdSky\Rescans\Rescans;
use CrowdSky\View\Pager;

/** All stacks of the site with their solutions, to have many of them solved again. */
final class RescanPage
{
    private const PER_PAGE = 50;

    /** @throws HttpError 302 without a login, 400, 403 for everybody but admins */
    public static function answer(App $app, Request $request): Response
    {
        $visitor = Visitor::of($app, $request);
        $admin = $visitor->requireAdmin();
        $listing = new StackListing($app->database());

        return $request->method() === 'POST'
            ? self::queue($app, $request, $visitor, $admin, $listing)
            : self::show($request, $visitor, $listing);
    }

    private static function show(Request $request, Visitor $visitor, StackListing $listing): Response
    {
        $onlyUnsolved = $request->query('show') !== 'all';
        $counts = ['unsolved' => $listing->count(true), 'all' => $listing->count(false)];
        $total = $counts[$onlyUnsolved ? 'unsolved' : 'all'];
        $pager = Pager::of($request, $total, self::PER_PAGE, $onlyUnsolved ? [] : ['show' => 'all']);

        return $visitor->view()->page('admin_rescan', 'Rescans', [
            'onlyUnsolved' => $onlyUnsolved,
            'counts' => $counts,
            'rows' => $listing->page($onlyUnsolved, $pager->perPage, $pager->offset()),
            'pager' => $pager,
            'queued' => self::number($request->query('queued')),
            'skipped' => self::number($request->query('skipped')),
        ]);
    }

    private static function queue(App $app, Request $request, Visitor $visitor, User $admin, StackListing $listing): Response
    {
        $visitor->requireCsrf($request->form('csrf_token'));
        $stackIds = match ($request->form('action')) {
            'selected' => $request->formIds('stacks'),
            'unsolved' => $listing->idleUnsolved(Rescans::MAX_STACKS),
            default => throw HttpError::badRequest("'action' must be selected or unsolved"),
        };
        $wish = new RescanRequest($admin->actor(), null, RescanOptions::fromForm($request->form('solver')));
        $queued = Rescans::of($app)->queue($stackIds, $wish);
        $show = $request->form('show') === 'all' ? 'show=all&' : '';

        return Response::redirect("admin_rescan.php?{$show}queued=" . count($queued->jobIds) . '&skipped=' . count($queued->skipped));
    }

    private static function number(?string $text): ?int
    {
        return $text !== null && ctype_digit($text) ? (int) $text : null;
    }
}
