<?php

declare(strict_types=1);

namespace CrowdSky\Pages\Stars;

use CrowdSky\Accounts\Visitor;
use CrowdSky\Calibrations\CalibrationChoice;
use CrowdSky\Http\Request;
use CrowdSky\Http\Response;
use CrowdSky\Kernel\App;
use CrowdSky\LightCurves\FoundVariable;
use CrowdSky\LightCurves\FoundVariables;
use CrowdSky\LightCurves\StarListing;
use CrowdSky\LightCurves\StarNames;
use CrowdSky\Pages\Pager;
use CrowdSky\Pages\Plot\Symbols;
use CrowdSky\Pages\Texts;
use CrowdSky\Pages\View;
use CrowdSky\Sky\SkyServices;
use CrowdSky\Sky\Viewer;

/** The stars that the archive has found to vary, each with its light curve and the pictures that convince. */
final class VariablesPage
{
    private const PER_PAGE = 12;

    /** @throws \CrowdSky\Base\Refusal for a script without a login, and for a stack that the visitor does not see */
    public static function list(App $app, Request $request): Response
    {
        $visitor = Visitor::of($app, $request);
        $user = $visitor->user();
        if ($user === null) {
            return StarPage::closed($visitor, $request);
        }
        $viewer = Viewer::of($user);
        $stackId = ($request->query('stack') ?? '') === '' ? null : SkyServices::of($app)->stacks()->get($request->queryId('stack'), $viewer)->id;
        $variables = FoundVariables::of($app);
        $total = $variables->count($viewer, $stackId);
        $pager = Pager::of($request, $total, self::PER_PAGE, $stackId === null ? [] : ['stack' => (string) $stackId]);
        $found = $variables->ranked($viewer, $pager->perPage, $pager->offset(), $stackId);

        $view = View::of($visitor);

        return $view->page('variables', 'Variable stars', [
            'shown' => self::described($app, $viewer, $found, $view->texts()),
            'total' => $total,
            'stackId' => $stackId,
            'isSearched' => $stackId !== null && CalibrationChoice::of($app)->hasStack($stackId, $viewer),
            'pager' => $pager,
            'shapes' => Symbols::definitions(),
        ]);
    }

    /**
     * @param list<FoundVariable> $variables
     * @return list<array{variable: FoundVariable, name: ?string, curve: ?string, pair: ?ChartPair}> curves are HTML
     */
    private static function described(App $app, Viewer $viewer, array $variables, Texts $texts): array
    {
        $stars = StarListing::of($app)->byId(array_map(static fn (FoundVariable $found): int => $found->starId, $variables), $viewer);
        $names = StarNames::of($app);
        $curves = SmallCurves::of($app, $viewer, $texts);
        $described = [];
        foreach ($variables as $found) {
            $star = $stars[$found->starId] ?? null;
            if ($star !== null) {
                $described[] = [
                    'variable' => $found,
                    'name' => $names->nameOf($star->star),
                    'curve' => $curves->ofVariable($found),
                    'pair' => ChartPair::ofVariable($app, $star->star, $found, $viewer, $texts),
                ];
            }
        }

        return $described;
    }
}
