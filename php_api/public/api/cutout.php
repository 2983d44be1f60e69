<?php

declare(strict_types=1);

use CrowdSky\Api\Data\CutOutCall;
use CrowdSky\Kernel\App;

require __DIR__ . '/../../src/autoload.php';

App::handle(['GET'], [CutOutCall::class, 'answer']);
