<?php

declare(strict_types=1);

use CrowdSky\Kernel\App;
use CrowdSky\Operations\Health;

require __DIR__ . '/../../src/autoload.php';

App::handle(['GET'], Health::answer(...));
