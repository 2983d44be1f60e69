<?php

declare(strict_types=1);

use CrowdSky\Api\Data\StacksData;
use CrowdSky\Kernel\App;

require __DIR__ . '/../../src/autoload.php';

App::handle(['GET'], [StacksData::class, 'answer']);
