<?php

declare(strict_types=1);

use CrowdSky\Calibrations\CalibrationServices;
use CrowdSky\Kernel\App;
use CrowdSky\Kernel\CommandLine;

require __DIR__ . '/../src/autoload.php';

const USAGE = <<<'TEXT'
    Usage: php calibrate.php queue [--field N] [--now]
               have workers calibrate the fields of the sky whose stacks have changed, each at most
               every calibrate_hours; for cron, once an hour. --field looks at one field only, --now
               disregards when a field was calibrated last, and whether that failed

    TEXT;

CommandLine::run(static function (App $app, array $arguments): int {
    if (array_shift($arguments) !== 'queue') {
        return CommandLine::usage(USAGE);
    }
    $options = CommandLine::options($arguments, ['now'], ['field']);
    $field = $options['field'] ?? null;
    if ($options === null || $field !== null && preg_match('/^[1-9][0-9]{0,17}$/D', $field) !== 1) {
        return CommandLine::usage(USAGE);
    }
    $app->requireSite();
    echo CalibrationServices::of($app)->queue()->queue($field === null ? null : (int) $field, isset($options['now']))->asText();
    return 0;
});
