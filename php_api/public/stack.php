<?php

declare(strict_types=1);

use CrowdSky\Kernel\App;
use CrowdSky\Stacks\StackView;
use CrowdSky\View\View;

require __DIR__ . '/../src/autoload.php';

App::handle(['GET', 'POST'], StackView::answer(...), View::errorPage(...));
