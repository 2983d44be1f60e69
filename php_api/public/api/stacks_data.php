<?php

declare(strict_types=1);

use CrowdSky\Kernel\App;
use CrowdSky\Stacks\StacksData;

require __DIR__ . '/../../src/autoload.php';

App::handle(['GET'], StacksData::answer(...));
