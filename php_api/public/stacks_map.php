<?php

declare(strict_types=1);

use CrowdSky\Kernel\App;
use CrowdSky\Pages\StacksPage;
use CrowdSky\Pages\View;

require __DIR__ . '/../src/autoload.php';

App::handle(['GET'], [StacksPage::class, 'map'], [View::class, 'errorPage']);
