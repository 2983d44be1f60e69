<?php

declare(strict_types=1);

namespace CrowdSky\Pages\Stars;

use CrowdSky\Accounts\Visitor;
use CrowdSky\Http\Request;
use CrowdSky\Http\Response;
use CrowdSky\Kernel\App;
use CrowdSky\LightCurves\NewSource;
use CrowdSky\LightCurves\NewSources;
use CrowdSky\LightCurves\StarNames;
use CrowdSky\Pages\View;
use CrowdSky\Sky\Viewer;

/** The points of light that may be new, each with pictures from before and after. */
final class NewSourcesPage
{
    private const MOST = 24;

    /** @throws \CrowdSky\Base\Refusal for a script without a login */
    public static function list(App $app, Request $request): Response
    {
        $visitor = Visitor::of($app, $request);
        $user = $visitor->user();
        if ($user === null) {
            return StarPage::closed($visitor, $request);
        }
        $viewer = Viewer::of($user);
        $view = View::of($visitor);
        $names = StarNames::of($app);
        $shown = array_map(static fn (NewSource $source): array => [
            'source' => $source,
            'name' => $names->nameOf($source->star),
            'pair' => ChartPair::ofNewSource($app, $source->star, $viewer, $view->texts()),
        ], NewSources::of($app)->list($viewer, self::MOST));

        return $view->page('new_sources', 'New sources', ['shown' => $shown, 'isAll' => count($shown) < self::MOST]);
    }
}
