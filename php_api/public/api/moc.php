<?php

declare(strict_types=1);

use CrowdSky\Api\Vo\CoverageFile;
use CrowdSky\Kernel\App;

require __DIR__ . '/../../src/autoload.php';

App::handle(['GET'], [CoverageFile::class, 'answer']);
