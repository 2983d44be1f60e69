<?php

declare(strict_types=1);

namespace CrowdSky\Pages;

use CrowdSky\Accounts\Visitor;
use CrowdSky\Base\Refusal;
use CrowdSky\Gallery\DownloadSlot;
use CrowdSky\Gallery\GalleryScope;
use CrowdSky\Gallery\GalleryServices;
use CrowdSky\Gallery\StackZip;
use CrowdSky\Http\Request;
use CrowdSky\Http\Response;
use CrowdSky\Kernel\App;
use CrowdSky\Pages\Gallery\GalleryForm;
use CrowdSky\Sky\Viewer;

/** The stacks as pictures, as a table or as a map of the sky: one's own and those of everybody. */
final class StacksPage
{
    private const VIEWS = ['gallery', 'table', 'map'];
    private const PER_PAGE = 60;

    /** @throws Refusal for a filter that is wrong */
    public static function list(App $app, Request $request): Response
    {
        $visitor = Visitor::of($app, $request);
        if ($visitor->user() === null && in_array($request->query('of'), [GalleryScope::Mine->value, GalleryScope::All->value], true)) {
            $visitor->requireUserForPage();
        }
        $viewer = Viewer::of($visitor->user());
        [$form, $mistake] = GalleryForm::ofWhatIsRight($request, $viewer);
        if ($mistake !== null && !$request->wantsPage()) {
            throw $mistake;
        }
        $gallery = GalleryServices::of($app);
        $after = $request->query('after');
        $page = $gallery->list()->page($form->wish, $viewer, self::PER_PAGE, $after === '' ? null : $after);
        $scope = $form->wish->scope;
        $year = substr($form->get('from'), 0, 4);

        $shown = View::of($visitor)->page('stacks', 'Stacks', [
            'stacks' => $page->stacks,
            'next' => $page->next,
            'isFirst' => $after === null,
            'form' => $form,
            'view' => self::view($form),
            'scopes' => GalleryScope::choices($viewer),
            'telescopes' => $gallery->choices()->telescopes($scope, $viewer),
            'filters' => $gallery->choices()->filters($scope, $viewer),
            'years' => $gallery->choices()->years($scope, $viewer),
            'months' => $year === '' ? [] : self::lastDays($gallery->choices()->months($year, $scope, $viewer)),
            'localStarts' => $gallery->list()->localStarts($page->stacks),
            'limits' => ['stacks' => StackZip::MOST_STACKS, 'bytes' => StackZip::MOST_BYTES, 'at_once' => DownloadSlot::AT_ONCE],
        ]);

        return $mistake === null ? $shown : RefusedForm::inAddress($request, $mistake, $shown);
    }

    /** The places and days of all stacks of a scope; see Gallery\MapPart. */
    public static function map(App $app, Request $request): Response
    {
        $viewer = Viewer::of(Visitor::of($app, $request)->user());
        [$bytes, $version] = GalleryServices::of($app)->map()->of(GalleryScope::of($request->query('of'), $viewer), $viewer);
        $headers = ['ETag' => "\"$version\"", 'Cache-Control' => 'private, no-cache'];

        return $request->header('If-None-Match') === $headers['ETag'] ? new Response(304, $headers, '') : self::bytes($bytes)->with($headers);
    }

    /** Which stacks match the filters; see Gallery\GalleryIds. */
    public static function ids(App $app, Request $request): Response
    {
        $viewer = Viewer::of(Visitor::of($app, $request)->user());

        return self::bytes(GalleryServices::of($app)->ids()->bytes(GalleryForm::ofQuery($request, $viewer)->wish, $viewer));
    }

    private static function bytes(string $bytes): Response
    {
        return new Response(200, ['Content-Type' => 'application/octet-stream'], $bytes);
    }

    /**
     * @param list<string> $months
     * @return array<string, string> month => its last day
     */
    private static function lastDays(array $months): array
    {
        return array_combine($months, array_map(static fn (string $month): string => (new \DateTimeImmutable("$month-01"))->format('Y-m-t'), $months));
    }

    private static function view(GalleryForm $form): string
    {
        $view = $form->get('view') ?: self::VIEWS[0];

        return in_array($view, self::VIEWS, true) ? $view : throw Refusal::badInput("'view' must be gallery, table or map");
    }
}
