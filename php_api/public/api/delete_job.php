<?php

declare(strict_types=1);

use CrowdSky\Kernel\App;
use CrowdSky\Stacks\DeleteJob;

require __DIR__ . '/../../src/autoload.php';

App::handle(['POST'], DeleteJob::answer(...));
