<?php

declare(strict_types=1);

use CrowdSky\Kernel\App;
use CrowdSky\Kernel\CommandLine;
use CrowdSky\Stars\StarServices;

require __DIR__ . '/../src/autoload.php';

const USAGE = <<<'TEXT'
    Usage: php stars.php read [--limit N] [--seconds N]
               write the stars of all stacks that have none in the archive yet, the earliest
               observation first; it may be interrupted, and goes on when it is run again

    TEXT;

CommandLine::run(static function (App $app, array $arguments): int {
    $options = array_shift($arguments) === 'read' ? CommandLine::options($arguments, [], ['limit', 'seconds'], static fn (string $name): ?string => null) : null;
    if ($options === null) {
        return CommandLine::usage(USAGE);
    }
    $number = static fn (string $name): ?int => isset($options[$name]) ? CommandLine::wholeNumber($name, $options[$name]) : null;
    [$limit, $seconds] = [$number('limit'), $number('seconds')];
    $app->requireSite();
    $end = $seconds === null ? PHP_INT_MAX : hrtime(true) + $seconds * 1_000_000_000;
    $report = StarServices::of($app)->intake()->catchUp($limit, static fn (): bool => hrtime(true) < $end);
    echo $report->asText();
    return $report->missing === [] ? 0 : 1;
});
