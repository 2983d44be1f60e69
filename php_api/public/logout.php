<?php

declare(strict_types=1);

use CrowdSky\Kernel\App;
use CrowdSky\Pages\LogoutPage;
use CrowdSky\Pages\View;

require __DIR__ . '/../src/autoload.php';

App::handle(['POST'], [LogoutPage::class, 'answer'], [View::class, 'errorPage']);
