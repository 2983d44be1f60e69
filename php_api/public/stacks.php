<?php

declare(strict_types=1);

use CrowdSky\Kernel\App;
use CrowdSky\Stacks\StacksPage;
use CrowdSky\View\View;

require __DIR__ . '/../src/autoload.php';

App::handle(['GET'], StacksPage::list(...), View::errorPage(...));
