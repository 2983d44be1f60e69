<?php

declare(strict_types=1);

use CrowdSky\Kernel\App;
use CrowdSky\Pages\Stars\VariablesPage;
use CrowdSky\Pages\View;

require __DIR__ . '/../src/autoload.php';

App::handle(['GET'], [VariablesPage::class, 'list'], [View::class, 'errorPage']);
