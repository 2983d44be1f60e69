<?php

declare(strict_types=1);

use CrowdSky\Kernel\App;
use CrowdSky\Pages\StackFile;
use CrowdSky\Pages\View;

require __DIR__ . '/../src/autoload.php';

App::handle(['GET'], [StackFile::class, 'picture'], [View::class, 'errorPage']);
