<?php

declare(strict_types=1);

use CrowdSky\Api\Vo\ImageSearch;
use CrowdSky\Kernel\App;

require __DIR__ . '/../../src/autoload.php';

App::handle(['GET', 'POST'], [ImageSearch::class, 'answer']);
