<?php

declare(strict_types=1);

use CrowdSky\Api\Worker\FailJob;
use CrowdSky\Kernel\App;

require __DIR__ . '/../../src/autoload.php';

App::handle(['POST'], [FailJob::class, 'answer']);
