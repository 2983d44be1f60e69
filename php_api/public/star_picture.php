<?php

declare(strict_types=1);

use CrowdSky\Kernel\App;
use CrowdSky\Pages\Stars\StarPicture;
use CrowdSky\Pages\View;

require __DIR__ . '/../src/autoload.php';

App::handle(['GET'], [StarPicture::class, 'answer'], [View::class, 'errorPage']);
