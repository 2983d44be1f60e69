<?php

declare(strict_types=1);

use CrowdSky\Api\Client\MyStacks;
use CrowdSky\Kernel\App;

require __DIR__ . '/../../src/autoload.php';

App::handle(['GET'], [MyStacks::class, 'answer']);
