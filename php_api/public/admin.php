<?php

declare(strict_types=1);

use CrowdSky\Admin\QueuePage;
use CrowdSky\Kernel\App;
use CrowdSky\View\View;

require __DIR__ . '/../src/autoload.php';

App::handle(['GET'], QueuePage::answer(...), View::errorPage(...));
