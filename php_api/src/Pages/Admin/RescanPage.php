<?php

declare(strict_types=1);

namespace CrowdSky\Pages\Admin;

use CrowdSky\Accounts\User;
use CrowdSky\Accounts\Visitor;
use CrowdSky\Base\Refusal;
use CrowdSky\Http\Request;
use CrowdSky\Http\Response;
use CrowdSky\Kernel\App;
use CrowdSky\Pages\Pager;
use CrowdSky\Pages\RefusedForm;
use CrowdSky\Pages\View;
use CrowdSky\Rescans\RescanOptions;
use CrowdSky\Rescans\RescanRequest;
use CrowdSky\Rescans\Rescans;
use CrowdSky\Rescans\RescansQueued;
use CrowdSky\Rescans\StackListing;
use CrowdSky\Rescans\UnmeasuredStacks;
use CrowdSky\Rescans\UnmeasuredWish;

/** All stacks of the site with their solutions, and forms to have many of them solved again. */
final class RescanPage
{
    /** Unmeasured stacks that one click queues; that takes a few seconds. */
    public const MAX_UNMEASURED = 10 * Rescans::MAX_STACKS;

    private const PER_PAGE = 50;

    /** @throws Refusal for everybody but admins */
    public static function answer(App $app, Request $request): Response
    {
        $visitor = Visitor::of($app, $request);
        $admin = $visitor->requireAdmin();
        $listing = new StackListing($app->database());

        return $request->method() === 'POST'
            ? RefusedForm::take(
                $request,
                static fn (): Response => self::queue($app, $request, $visitor, $admin, $listing),
                static fn (): Response => self::show($app, $request, $visitor, $listing),
            )
            : self::show($app, $request, $visitor, $listing);
    }

    private static function show(App $app, Request $request, Visitor $visitor, StackListing $listing): Response
    {
        $onlyUnsolved = $request->query('show') !== 'all';
        $counts = ['unsolved' => $listing->count(true), 'all' => $listing->count(false)];
        $total = $counts[$onlyUnsolved ? 'unsolved' : 'all'];
        $pager = Pager::of($request, $total, self::PER_PAGE, $onlyUnsolved ? [] : ['show' => 'all']);

        return View::of($visitor)->page('admin_rescan', 'Rescans', [
            'onlyUnsolved' => $onlyUnsolved,
            'counts' => $counts,
            'rows' => $listing->page($onlyUnsolved, $pager->perPage, $pager->offset()),
            'pager' => $pager,
            'unmeasured' => UnmeasuredStacks::of($app)->count(null),
            'queued' => self::number($request->query('queued')),
            'skipped' => self::number($request->query('skipped')),
        ]);
    }

    private static function queue(App $app, Request $request, Visitor $visitor, User $admin, StackListing $listing): Response
    {
        $visitor->requireCsrf($request->form('csrf_token'));
        $wish = new RescanRequest($admin->actor(), null, RescanOptions::fromForm($request->form('solver')));
        $queued = match ($request->form('action')) {
            'selected' => Rescans::of($app)->queue($request->formIds('stacks'), $wish),
            'unsolved' => Rescans::of($app)->queue($listing->idleUnsolved(Rescans::MAX_STACKS), $wish),
            'unmeasured' => self::queueUnmeasured($app, $request->form('retry_failed') !== null, $wish),
            default => throw Refusal::badInput("'action' must be selected, unsolved or unmeasured"),
        };
        $show = $request->form('show') === 'all' ? 'show=all&' : '';

        return Response::redirect("admin_rescan.php?{$show}queued=" . count($queued->jobIds) . '&skipped=' . count($queued->skipped));
    }

    private static function queueUnmeasured(App $app, bool $retryFailed, RescanRequest $wish): RescansQueued
    {
        $jobIds = [];
        $skipped = [];
        foreach (UnmeasuredStacks::of($app)->batches(new UnmeasuredWish(retryFailed: $retryFailed), $wish) as $batch) {
            array_push($jobIds, ...$batch->queued->jobIds);
            array_push($skipped, ...$batch->queued->skipped);
            if (count($jobIds) >= self::MAX_UNMEASURED) {
                break;
            }
        }

        return new RescansQueued($jobIds, $skipped);
    }

    private static function number(?string $text): ?int
    {
        return $text !== null && ctype_digit($text) ? (int) $text : null;
    }
}
