<?php

declare(strict_types=1);

use CrowdSky\Api\Operator\CleanupCall;
use CrowdSky\Kernel\App;

require __DIR__ . '/../../src/autoload.php';

App::handle(['GET', 'POST'], [CleanupCall::class, 'answer']);
