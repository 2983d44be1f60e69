<?php

declare(strict_types=1);

use CrowdSky\Kernel\App;
use CrowdSky\Pages\PreferencesPage;
use CrowdSky\Pages\View;

require __DIR__ . '/../src/autoload.php';

App::handle(['POST'], [PreferencesPage::class, 'answer'], [View::class, 'errorPage']);
