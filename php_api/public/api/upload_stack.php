<?php

declare(strict_types=1);

use CrowdSky\Api\Client\UploadStack;
use CrowdSky\Kernel\App;

require __DIR__ . '/../../src/autoload.php';

App::handle(['POST'], [UploadStack::class, 'answer']);
