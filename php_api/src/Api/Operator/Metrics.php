<?php

declare(strict_types=1);

namespace CrowdSky\Api\Operator;

use CrowdSky\Accounts\Visitor;
use CrowdSky\Base\Refusal;
use CrowdSky\Http\Request;
use CrowdSky\Http\Response;
use CrowdSky\Kernel\App;
use CrowdSky\Operations\PrometheusText;
use CrowdSky\Operations\SiteMetrics;
use CrowdSky\Operations\StallAlarm;
use CrowdSky\Uploads\UploadServices;
use CrowdSky\Workers\KeyStore;
use CrowdSky\Workers\WorkerServices;

/**
 * api/metrics.php: the site's metrics, for a monitoring system with a key and for an admin's browser.
 */
final class Metrics
{
    public static function answer(App $app, Request $request): Response
    {
        self::requireReader($app, $request);
        $alarm = StallAlarm::of($app);
        $metrics = new SiteMetrics($app->database(), $alarm, $app->clock(), UploadServices::of($app)->disk(), $app->data()->root, $app->config()->rawGraceHours);
        return Response::text($metrics->asText())->with(['Content-Type' => PrometheusText::CONTENT_TYPE]);
    }

    /** @throws Refusal without a key or login that may read this */
    private static function requireReader(App $app, Request $request): void
    {
        if ($request->authorization('Bearer') !== null) {
            WorkerServices::of($app)->auth()->require($request, KeyStore::SCOPE_METRICS);
            return;
        }
        $user = Visitor::of($app, $request)->user();
        if ($user === null) {
            throw Refusal::keyNeeded('The measurements need a key with the scope metrics (worker-key.php create --scope metrics), or the login of an admin');
        }
        if (!$user->isAdmin()) {
            throw Refusal::forbidden('The measurements are for the operators of the site.');
        }
    }
}
