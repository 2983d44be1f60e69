<?php

declare(strict_types=1);

use CrowdSky\App;
use CrowdSky\Http\Request;
use CrowdSky\Http\Response;
use CrowdSky\Utc;

require __DIR__ . '/../../src/autoload.php';

App::handle(['GET'], static function (App $app, Request $request): Response {
    $key = $request->authorization('Bearer');
    return Response::json([
        'ok' => true,
        'database' => $app->database()->engine->value,
        'time' => Utc::wire(Utc::stored($app->clock()->now())),
        // Some front servers strip it; a worker can send its key here to find out.
        'authorization_header' => $request->header('Authorization') !== null,
        'valid_key' => $key === null ? null : $app->jobs()->keys()->find($key) !== null,
    ]);
});
