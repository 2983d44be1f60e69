<?php

declare(strict_types=1);

namespace CrowdSky\Pages\Gallery;

use CrowdSky\Accounts\Visitor;
use CrowdSky\Base\Refusal;
use CrowdSky\Gallery\FieldNeighbours;
use CrowdSky\Http\Request;
use CrowdSky\Http\Response;
use CrowdSky\Kernel\App;
use CrowdSky\Measurements\MeasurementStore;
use CrowdSky\Measurements\PlateSolution;
use CrowdSky\Pages\View;
use CrowdSky\Sky\SkyServices;
use CrowdSky\Sky\Viewer;
use CrowdSky\Sky\VisibleStacks;

/** Two stacks of one field, laid upon each other by their solutions, so that what has changed catches the eye. */
final class BlinkPage
{
    private function __construct(private readonly App $app, private readonly Viewer $viewer)
    {
    }

    /** @throws Refusal for stacks that do not exist or are not for this reader */
    public static function show(App $app, Request $request): Response
    {
        $visitor = Visitor::of($app, $request);
        $page = new self($app, Viewer::of($visitor->user()));
        $first = $page->shown($request->queryId('a'));
        $second = $request->query('b') === null ? null : $page->shown($request->queryId('b'));
        $solution = $page->solution($first->id);
        $neighbours = new FieldNeighbours($app->database(), SkyServices::of($app)->places());

        return View::of($visitor)->page('blink', 'Blink', [
            'pair' => array_values(array_filter([$first, $second])),
            'neighbours' => $solution === null ? [] : $neighbours->of($first->id, $solution, $page->viewer),
        ]);
    }

    private function shown(int $id): BlinkedStack
    {
        $stack = VisibleStacks::of($this->app)->get($id, $this->viewer);

        return BlinkedStack::of($stack, $this->solution($stack->id), $this->viewer->owns($stack->userId));
    }

    private function solution(int $id): ?PlateSolution
    {
        return (new MeasurementStore($this->app->database()))->find($id)?->solution;
    }
}
