<?php

declare(strict_types=1);

use CrowdSky\Api\Client\RawUpload;
use CrowdSky\Kernel\App;

require __DIR__ . '/../../src/autoload.php';

App::handle(['POST', 'PUT'], [RawUpload::class, 'answer']);
