<?php

declare(strict_types=1);

use CrowdSky\Api\Operator\RescanCall;
use CrowdSky\Kernel\App;

require __DIR__ . '/../../src/autoload.php';

App::handle(['GET', 'POST'], [RescanCall::class, 'answer']);
