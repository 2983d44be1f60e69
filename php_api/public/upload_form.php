<?php

declare(strict_types=1);

use CrowdSky\App;
use CrowdSky\Http\Request;
use CrowdSky\Http\Response;
use CrowdSky\Uploads\UploadFormPage;
use CrowdSky\View\View;

require __DIR__ . '/../src/autoload.php';

App::handle(
    ['POST'],
    static fn (App $app, Request $request): Response => UploadFormPage::answer($app, $request, $_FILES['files'] ?? []),
    View::errorPage(...),
);
