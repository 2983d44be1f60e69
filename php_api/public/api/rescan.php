<?php

declare(strict_types=1);

use CrowdSky\Kernel\App;
use CrowdSky\Rescans\RescanCall;

require __DIR__ . '/../../src/autoload.php';

App::handle(['GET', 'POST'], RescanCall::answer(...));
