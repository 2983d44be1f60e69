<?php

declare(strict_types=1);

namespace CrowdSky\Pages\Admin;

use CrowdSky\Accounts\Visitor;
use CrowdSky\Base\Refusal;
use CrowdSky\Http\Request;
use CrowdSky\Http\Response;
use CrowdSky\Kernel\App;
use CrowdSky\Operations\StallAlarm;
use CrowdSky\Pages\View;
use CrowdSky\Statistics\Period;
use CrowdSky\Statistics\StatisticsServices;

/** The first page of an admin: what needs attention, and how the site has been doing. */
final class SummaryPage
{
    /** @throws Refusal for everybody but admins, and for a period that is none */
    public static function answer(App $app, Request $request): Response
    {
        $visitor = Visitor::of($app, $request);
        $visitor->requireAdmin();
        $period = Period::tryFrom($request->query('of') ?? Period::Day->value) ?? throw Refusal::badInput("'of' must be day, week or month");
        $view = View::of($visitor);
        $queue = StallAlarm::of($app)->look();
        $statistics = StatisticsServices::of($app);

        return $view->page('admin_summary', 'Summary', [
            'period' => $period,
            'warnings' => SiteWarnings::of($app, $request),
            'queue' => $queue,
            'attention' => AttentionList::of($app, $queue, $view->texts()),
            'starts' => $period->starts($app->clock()->now()),
            'charts' => (new ActivityCharts($view->texts(), $period))->all($statistics->activity(), $statistics->levels()),
        ]);
    }
}
