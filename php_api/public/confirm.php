<?php

declare(strict_types=1);

use CrowdSky\Kernel\App;
use CrowdSky\Pages\ConfirmPage;
use CrowdSky\Pages\View;

require __DIR__ . '/../src/autoload.php';

App::handle(['GET', 'POST'], [ConfirmPage::class, 'answer'], [View::class, 'errorPage']);
