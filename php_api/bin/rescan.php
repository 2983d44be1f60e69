<?php

declare(strict_types=1);

use CrowdSky\Kernel\App;
use CrowdSky\Kernel\CommandLine;
use CrowdSky\Rescans\RescanOptions;
use CrowdSky\Rescans\RescanRequest;
use CrowdSky\Rescans\UnmeasuredReport;
use CrowdSky\Rescans\UnmeasuredStacks;
use CrowdSky\Rescans\UnmeasuredWish;

require __DIR__ . '/../src/autoload.php';

const USAGE = <<<'TEXT'
    Usage: php rescan.php --not-measured [--dry-run] [--retry-failed]
               have all stacks solved and measured that nobody has measured yet; --dry-run lists them
               and changes nothing, --retry-failed takes those too whose last rescan failed

    TEXT;

CommandLine::run(static function (App $app, array $arguments): int {
    $options = CommandLine::options($arguments, ['not-measured', 'dry-run', 'retry-failed'], []);
    if (!isset($options['not-measured'])) {
        return CommandLine::usage(USAGE);
    }
    $app->requireSite();
    $which = new UnmeasuredWish(isset($options['dry-run']), isset($options['retry-failed']));
    $report = new UnmeasuredReport($which->dryRun);
    $wish = new RescanRequest('system', null, RescanOptions::fromForm(null));
    foreach (UnmeasuredStacks::of($app)->batches($which, $wish) as $batch) {
        foreach ($which->dryRun ? $batch->stacks : [] as $stack) {
            echo $stack->asText(), "\n";
        }
        $report->add($batch);
    }
    echo $report->asText();
    return 0;
});
