<?php

declare(strict_types=1);

use CrowdSky\Api\Worker\DownloadRaw;
use CrowdSky\Kernel\App;

require __DIR__ . '/../../src/autoload.php';

App::handle(['GET'], [DownloadRaw::class, 'answer']);
