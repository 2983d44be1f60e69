<?php

declare(strict_types=1);

use CrowdSky\Hats\HatsServices;
use CrowdSky\Kernel\App;
use CrowdSky\Kernel\CommandLine;

require __DIR__ . '/../src/autoload.php';

const USAGE = <<<'TEXT'
    Usage: php hats.php build
               have workers write the partitions of the export of light curves whose public stacks
               or calibrations have changed, and remove those that have no rows left; for cron,
               once a day

    TEXT;

CommandLine::run(static function (App $app, array $arguments): int {
    if ($arguments !== ['build']) {
        return CommandLine::usage(USAGE);
    }
    $app->requireSite();
    echo HatsServices::of($app)->builds()->queue()->asText();
    return 0;
});
