<?php

declare(strict_types=1);

use CrowdSky\Api\Worker\WorkerApi;
use CrowdSky\Http\Request;
use CrowdSky\Http\Response;
use CrowdSky\Kernel\App;

require __DIR__ . '/../../src/autoload.php';

App::handle(['GET'], static fn (App $app, Request $request): Response => WorkerApi::of($app)->downloadRaw($request));
