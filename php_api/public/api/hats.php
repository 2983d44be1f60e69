<?php

declare(strict_types=1);

use CrowdSky\Api\Data\ExportFile;
use CrowdSky\Kernel\App;

require __DIR__ . '/../../src/autoload.php';

App::handle(['GET'], [ExportFile::class, 'answer']);
