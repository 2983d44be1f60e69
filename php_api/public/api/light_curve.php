<?php

declare(strict_types=1);

use CrowdSky\Api\Data\LightCurve;
use CrowdSky\Kernel\App;

require __DIR__ . '/../../src/autoload.php';

App::handle(['GET'], [LightCurve::class, 'answer']);
