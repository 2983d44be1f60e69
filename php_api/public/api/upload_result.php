<?php

declare(strict_types=1);

use CrowdSky\Api\Worker\UploadResult;
use CrowdSky\Kernel\App;

require __DIR__ . '/../../src/autoload.php';

App::handle(['PUT'], [UploadResult::class, 'answer']);
