<?php

declare(strict_types=1);

use CrowdSky\Kernel\App;
use CrowdSky\Pages\Gallery\BlinkPage;
use CrowdSky\Pages\View;

require __DIR__ . '/../src/autoload.php';

App::handle(['GET'], [BlinkPage::class, 'show'], [View::class, 'errorPage']);
