<?php

declare(strict_types=1);

use CrowdSky\Base\HostFunctions;
use CrowdSky\Kernel\App;
use CrowdSky\Kernel\CommandLine;

require __DIR__ . '/../src/autoload.php';

// The site migrates itself on first use; this is for deployments that want it done before the first visitor.
CommandLine::run(static function (App $app): int {
    $migrator = $app->migrator();
    $migrator->bringUpToDate();
    echo "The {$app->database()->engine->value} schema is up to date (version {$migrator->version()}).\n";
    foreach (HostFunctions::replaced() as $name) {
        echo "The host has switched off $name: " . HostFunctions::OPTIONAL[$name] . ".\n";
    }
    return 0;
});
