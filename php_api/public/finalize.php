<?php

declare(strict_types=1);

use CrowdSky\Kernel\App;
use CrowdSky\Uploads\FinalizePage;
use CrowdSky\View\View;

require __DIR__ . '/../src/autoload.php';

App::handle(['POST'], FinalizePage::answer(...), View::errorPage(...));
