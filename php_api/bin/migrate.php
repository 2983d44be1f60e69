<?php

declare(strict_types=1);

use CrowdSky\Base\HostFunctions;
use CrowdSky\Hosts\HostServices;
use CrowdSky\Kernel\App;
use CrowdSky\Kernel\CommandLine;
use CrowdSky\Sky\SkyServices;

require __DIR__ . '/../src/autoload.php';

const USAGE = <<<'TEXT'
    Usage: php migrate.php [--accept-host]
               bring the schema up to date; with --accept-host, also make the data folder and the
               secret of this host those of the database: raws that are not here count as lost

    TEXT;

// The site migrates itself on first use; this is for deployments that want it done before the first visitor.
CommandLine::run(static function (App $app, array $arguments): int {
    $options = CommandLine::options($arguments, ['accept-host'], []);
    if ($options === null) {
        return CommandLine::usage(USAGE);
    }
    $migrator = $app->migrator();
    $migrator->bringUpToDate();
    SkyServices::of($app)->places()->complete();
    echo "The {$app->database()->engine->value} schema is up to date (version {$migrator->version()}).\n";
    foreach (HostFunctions::replaced() as $name) {
        echo "The host has switched off $name: " . HostFunctions::OPTIONAL[$name] . ".\n";
    }
    if (isset($options['accept-host'])) {
        HostServices::of($app)->identity()->accept();
        echo "The data folder and the secret of this host are now those of the database.\n";
    }
    return 0;
});
