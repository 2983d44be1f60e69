<?php

declare(strict_types=1);

use CrowdSky\App;
use CrowdSky\Http\Request;
use CrowdSky\Http\Response;

require __DIR__ . '/../../src/autoload.php';

App::handle(['GET'], static fn (App $app, Request $request): Response => $app->jobs()->workerApi()->jobStack($request));
