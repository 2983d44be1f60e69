<?php

declare(strict_types=1);

use CrowdSky\Api\Data\DeleteJob;
use CrowdSky\Kernel\App;

require __DIR__ . '/../../src/autoload.php';

App::handle(['POST'], [DeleteJob::class, 'answer']);
