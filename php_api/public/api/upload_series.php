<?php

declare(strict_types=1);

use CrowdSky\Api\Worker\UploadSeries;
use CrowdSky\Kernel\App;

require __DIR__ . '/../../src/autoload.php';

App::handle(['PUT'], [UploadSeries::class, 'answer']);
