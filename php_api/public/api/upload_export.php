<?php

declare(strict_types=1);

use CrowdSky\Api\Worker\UploadExport;
use CrowdSky\Kernel\App;

require __DIR__ . '/../../src/autoload.php';

App::handle(['PUT'], [UploadExport::class, 'answer']);
