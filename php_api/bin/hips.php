<?php

declare(strict_types=1);

use CrowdSky\Hips\HipsServices;
use CrowdSky\Kernel\App;
use CrowdSky\Kernel\CommandLine;

require __DIR__ . '/../src/autoload.php';

const USAGE = <<<'TEXT'
    Usage: php hips.php build
               have workers draw the regions of the sky whose public stacks have changed, and remove
               those that have none left; for cron, once a day

    TEXT;

CommandLine::run(static function (App $app, array $arguments): int {
    if ($arguments !== ['build']) {
        return CommandLine::usage(USAGE);
    }
    $app->requireSite();
    echo HipsServices::of($app)->builds()->queue()->asText();
    return 0;
});
