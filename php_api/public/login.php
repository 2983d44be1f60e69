<?php

declare(strict_types=1);

use CrowdSky\App;
use CrowdSky\Accounts\LoginPage;
use CrowdSky\View\View;

require __DIR__ . '/../src/autoload.php';

App::handle(['GET', 'POST'], LoginPage::answer(...), View::errorPage(...));
