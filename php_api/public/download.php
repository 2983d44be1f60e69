<?php

declare(strict_types=1);

use CrowdSky\Kernel\App;
use CrowdSky\Stacks\StackFile;
use CrowdSky\View\View;

require __DIR__ . '/../src/autoload.php';

App::handle(['GET'], StackFile::download(...), View::errorPage(...));
