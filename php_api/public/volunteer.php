<?php

declare(strict_types=1);

use CrowdSky\Kernel\App;
use CrowdSky\Pages\VolunteerPage;
use CrowdSky\Pages\View;

require __DIR__ . '/../src/autoload.php';

App::handle(['GET', 'POST'], [VolunteerPage::class, 'answer'], [View::class, 'errorPage']);
