<?php

declare(strict_types=1);

namespace CrowdSky\Pages;

use CrowdSky\Accounts\User;
use CrowdSky\Accounts\Visitor;
use CrowdSky\Base\Refusal;
use CrowdSky\Calibrations\CalibrationChoice;
use CrowdSky\Custody\CustodyServices;
use CrowdSky\Fits\TelescopeId;
use CrowdSky\Hips\Withdrawal;
use CrowdSky\Http\Request;
use CrowdSky\Http\Response;
use CrowdSky\Jobs\JobServices;
use CrowdSky\Kernel\App;
use CrowdSky\LightCurves\FoundStar;
use CrowdSky\LightCurves\FoundVariables;
use CrowdSky\LightCurves\StarEpochs;
use CrowdSky\LightCurves\StarListing;
use CrowdSky\Measurements\MeasurementStore;
use CrowdSky\Rescans\RescanOptions;
use CrowdSky\Rescans\RescanRequest;
use CrowdSky\Rescans\Rescans;
use CrowdSky\Results\ResultServices;
use CrowdSky\Results\StackVisibility;
use CrowdSky\Series\SeriesOrder;
use CrowdSky\Series\SeriesServices;
use CrowdSky\Sky\Viewer;
use CrowdSky\Sky\Visibility;
use CrowdSky\Sky\VisibleStacks;
use CrowdSky\Stacks\Stack;

/**
 * The page of one stack: what it is made of and what was measured on it, and for its owner who sees it and the button
 * to measure it again.
 */
final class StackPage
{
    /** Stars of the list that leads to light curves. */
    private const STARS = 8;

    private function __construct(
        private readonly App $app,
        private readonly Request $request,
        private readonly Visitor $visitor,
    ) {
    }

    /** @throws Refusal for a stack that the visitor may not see or change, or a form that is not ours */
    public static function answer(App $app, Request $request): Response
    {
        $page = new self($app, $request, Visitor::of($app, $request));

        return $request->method() === 'POST' ? $page->take() : $page->show($request->queryId('id'));
    }

    private function show(int $id): Response
    {
        $user = $this->visitor->user();
        $successor = ResultServices::of($this->app)->superseded()->successorOf($id);
        if ($successor !== null) {
            return Response::redirect("stack.php?id=$successor");
        }
        $stack = VisibleStacks::of($this->app)->get($id, Viewer::of($user));
        $job = JobServices::of($this->app)->store()->get($stack->jobId);

        $view = View::of($this->visitor);
        $card = Visibility::isPublic($stack) ? PreviewCard::ofStack($stack, $this->request, $view->texts()) : null;

        return $view->page('stack', $stack->objectName ?? $view->texts()->say('Unnamed object'), [
            'stack' => $stack,
            'isPublic' => Visibility::isPublic($stack),
            'licence' => $this->app->config()->dataLicence,
            'isManaged' => $stack->userId === $user?->id || $user?->isAdmin() === true,
            'measurement' => (new MeasurementStore($this->app->database()))->find($stack->id),
            'telescopeId' => TelescopeId::of($stack->telescope, CustodyServices::of($this->app)->ids()->oldest(), $stack->userId),
            'job' => $job,
            'clock' => StackClock::of($this->app, $job, $stack),
            'rescan' => Rescans::of($this->app)->latestOf($stack->id),
            'stars' => $user === null ? [] : $this->brightest($stack->id, Viewer::of($user)),
            'variables' => $user === null ? 0 : FoundVariables::of($this->app)->count(Viewer::of($user), $stack->id),
            'isCalibrated' => $user !== null && CalibrationChoice::of($this->app)->hasStack($stack->id, Viewer::of($user)),
            'series' => SeriesServices::of($this->app)->store()->ofStack($stack->id),
            'seriesProblem' => SeriesServices::of($this->app)->orders()->problem($job),
            'seriesUntil' => SeriesServices::of($this->app)->orders()->orderableUntil($job),
        ], Veil::over($this->app, $job, $user, Texts::of($this->request)), $card);
    }

    /** @return list<FoundStar> the brightest first */
    private function brightest(int $stackId, Viewer $viewer): array
    {
        $ids = (new StarEpochs($this->app->database()))->brightestOf($stackId, self::STARS);
        $found = StarListing::of($this->app)->byId($ids, $viewer);

        return array_values(array_filter(array_map(static fn (int $id): ?FoundStar => $found[$id] ?? null, $ids)));
    }

    private function take(): Response
    {
        $user = $this->visitor->requireUserForPage();
        $this->visitor->requireCsrf($this->request->form('csrf_token'));

        return RefusedForm::take($this->request, fn (): Response => $this->act($user), fn (): Response => $this->show($this->request->formId('stack_id')));
    }

    private function act(User $user): Response
    {
        $stack = VisibleStacks::of($this->app)->getOwn($this->request->formId('stack_id'), $user);
        match ($this->request->form('action') ?? 'rescan') {
            'rescan' => $this->rescan($stack->id, $user),
            'visibility' => $this->setVisibility($stack, $user),
            'series' => $this->orderSeries($stack, $user),
            default => throw Refusal::badInput("'action' must be rescan, visibility or series"),
        };

        return Response::redirect("stack.php?id={$stack->id}");
    }

    private function rescan(int $stackId, User $user): void
    {
        $wish = new RescanRequest($user->actor(), null, RescanOptions::fromForm($this->request->form('solver')));
        Rescans::of($this->app)->queue([$stackId], $wish);
    }

    private function orderSeries(Stack $stack, User $user): void
    {
        $order = SeriesOrder::with($stack->id, $this->request->formId('seconds'));
        SeriesServices::of($this->app)->orders()->order($stack, $order, $user->actor());
    }

    /** Changes nothing for an admin who looks at the stack of another user. */
    private function setVisibility(Stack $stack, User $user): void
    {
        $choice = StackVisibility::tryFrom($this->request->form('visibility') ?? '')
            ?? throw Refusal::badInput("'visibility' must be inherit, public or private", 'no_choice')->at('visibility');
        Withdrawal::of($this->app)->choose($stack, $user->id, $choice);
    }
}
