<?php

declare(strict_types=1);

use CrowdSky\Kernel\App;
use CrowdSky\Operations\Metrics;

require __DIR__ . '/../../src/autoload.php';

App::handle(['GET'], Metrics::answer(...));
