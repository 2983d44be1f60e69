<?php

declare(strict_types=1);

use CrowdSky\Api\Worker\JobExport;
use CrowdSky\Kernel\App;

require __DIR__ . '/../../src/autoload.php';

App::handle(['GET'], [JobExport::class, 'answer']);
