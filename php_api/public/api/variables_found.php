<?php

declare(strict_types=1);

use CrowdSky\Api\Data\VariablesFound;
use CrowdSky\Kernel\App;

require __DIR__ . '/../../src/autoload.php';

App::handle(['GET'], [VariablesFound::class, 'answer']);
