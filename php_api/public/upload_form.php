<?php

declare(strict_types=1);

use CrowdSky\Kernel\App;
use CrowdSky\Uploads\UploadFormPage;
use CrowdSky\View\View;

require __DIR__ . '/../src/autoload.php';

App::handle(['POST'], UploadFormPage::answer(...), View::errorPage(...));
