<?php

declare(strict_types=1);

use CrowdSky\Api\Data\FramesByHealpix;
use CrowdSky\Kernel\App;

require __DIR__ . '/../../src/autoload.php';

App::handle(['GET'], [FramesByHealpix::class, 'answer']);
