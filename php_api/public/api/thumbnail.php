<?php

declare(strict_types=1);

use CrowdSky\Api\Client\Thumbnail;
use CrowdSky\Kernel\App;

require __DIR__ . '/../../src/autoload.php';

App::handle(['GET'], [Thumbnail::class, 'answer']);
