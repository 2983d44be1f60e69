<?php

declare(strict_types=1);

use CrowdSky\Kernel\App;
use CrowdSky\Pages\UploadFormPage;
use CrowdSky\Pages\View;

require __DIR__ . '/../src/autoload.php';

App::handle(['POST'], [UploadFormPage::class, 'answer'], [View::class, 'errorPage']);
