<?php

declare(strict_types=1);

use CrowdSky\App;
use CrowdSky\CommandLine;

require __DIR__ . '/../src/autoload.php';

// Usage: php cleanup.php [--dry-run]. Run it from cron every hour.
CommandLine::run(static function (App $app, array $arguments): int {
    $lock = fopen($app->data()->path('cleanup.lock'), 'c');
    if ($lock === false || !flock($lock, LOCK_EX | LOCK_NB)) {
        fwrite(STDERR, "Another cleanup is running.\n");
        return 0;
    }
    $report = $app->jobs()->cleanup()->run(dryRun: in_array('--dry-run', $arguments, true));
    echo $report->asText();
    return $report->unverifiedStacks === 0 ? 0 : 1;
});
