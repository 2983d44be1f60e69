<?php

declare(strict_types=1);

use CrowdSky\App;
use CrowdSky\Admin\WorkersPage;
use CrowdSky\View\View;

require __DIR__ . '/../src/autoload.php';

App::handle(['GET', 'POST'], WorkersPage::answer(...), View::errorPage(...));
