<?php

declare(strict_types=1);

namespace CrowdSky\Pages\Admin;

use CrowdSky\Custody\CustodyServices;
use CrowdSky\Http\Request;
use CrowdSky\Kernel\App;
use CrowdSky\Operations\WebExposure;
use CrowdSky\Timekeeping\TimekeepingServices;

/** What an admin has to put right at once, before looking at any job. */
final class SiteWarnings
{
    /** @return list<string> sentences without a full stop */
    public static function of(App $app, Request $request): array
    {
        return array_values(array_filter([
            (new WebExposure($app, $request))->isFound() ? WebExposure::SENTENCE : null,
            CustodyServices::of($app)->ids()->lastDoubt()?->sentence(),
            TimekeepingServices::of($app)->runs()->lastWarning(),
        ]));
    }
}
