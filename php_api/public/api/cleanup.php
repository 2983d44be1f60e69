<?php

declare(strict_types=1);

use CrowdSky\Http\Request;
use CrowdSky\Http\Response;
use CrowdSky\Kernel\App;
use CrowdSky\Workers\KeyStore;

require __DIR__ . '/../../src/autoload.php';

// For hosts whose cron can only fetch an address; bin/cleanup.php is the usual way.
App::handle(['GET', 'POST'], static function (App $app, Request $request): Response {
    $app->jobs()->workerAuth()->require($request, KeyStore::SCOPE_CLEANUP);
    set_time_limit(0);
    return Response::text($app->jobs()->cleanup()->run(dryRun: $request->query('dry_run') === '1')->asText());
});
