<?php

declare(strict_types=1);

use CrowdSky\Kernel\App;
use CrowdSky\Pages\Stars\NewSourcesPage;
use CrowdSky\Pages\View;

require __DIR__ . '/../src/autoload.php';

App::handle(['GET'], [NewSourcesPage::class, 'list'], [View::class, 'errorPage']);
