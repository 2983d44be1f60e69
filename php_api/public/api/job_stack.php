<?php

declare(strict_types=1);

use CrowdSky\Api\Worker\JobStack;
use CrowdSky\Kernel\App;

require __DIR__ . '/../../src/autoload.php';

App::handle(['GET'], [JobStack::class, 'answer']);
