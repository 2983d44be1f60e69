<?php

declare(strict_types=1);

use CrowdSky\Api\Data\Stars;
use CrowdSky\Kernel\App;

require __DIR__ . '/../../src/autoload.php';

App::handle(['GET'], [Stars::class, 'answer']);
