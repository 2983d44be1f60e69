<?php

declare(strict_types=1);

use CrowdSky\Kernel\App;
use CrowdSky\Pages\Gallery\DownloadPage;
use CrowdSky\Pages\View;

require __DIR__ . '/../src/autoload.php';

App::handle(['POST'], [DownloadPage::class, 'answer'], [View::class, 'errorPage']);
