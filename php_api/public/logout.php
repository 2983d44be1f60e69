<?php

declare(strict_types=1);

use CrowdSky\Accounts\LogoutPage;
use CrowdSky\Kernel\App;
use CrowdSky\View\View;

require __DIR__ . '/../src/autoload.php';

App::handle(['POST'], LogoutPage::answer(...), View::errorPage(...));
