<?php

declare(strict_types=1);

namespace CrowdSky\Pages\Admin;

use CrowdSky\Accounts\Visitor;
use CrowdSky\Base\Refusal;
use CrowdSky\Base\Utc;
use CrowdSky\Http\Request;
use CrowdSky\Http\Response;
use CrowdSky\Kernel\App;
use CrowdSky\Pages\View;
use CrowdSky\Statistics\StatisticsServices;
use CrowdSky\Uploads\UploadServices;

/** What the site keeps, whose it is, for how long, and how long the disk lasts. */
final class StoragePage
{
    /** @throws Refusal for everybody but admins */
    public static function answer(App $app, Request $request): Response
    {
        $visitor = Visitor::of($app, $request);
        $visitor->requireAdmin();
        $view = View::of($visitor);
        $statistics = StatisticsServices::of($app);
        $levels = $statistics->levels();
        $forecast = $levels->forecast();
        $days = $forecast?->daysLeft();

        return $view->page('admin_storage', 'Storage', [
            'free' => $levels->free(),
            'size' => $levels->size(),
            'reserved' => UploadServices::of($app)->disk()->reserve()->bytes,
            'forecast' => DiskWords::forecast($view->texts(), $forecast),
            'isSoon' => $days !== null && $days < DiskWords::SOON_DAYS,
            'now' => Utc::stored($app->clock()->now()),
            'raws' => $statistics->raws()->byPurpose(),
            'keepers' => $statistics->raws()->byOwner(),
            'defaultQuota' => $app->config()->userQuotaBytes ?: null,
            'kinds' => $statistics->archive()->byKind(),
            'owners' => $statistics->archive()->byOwner(),
            'telescopes' => $statistics->archive()->byTelescope(),
            'isRemote' => $app->config()->storage === 'webdav',
        ]);
    }
}
