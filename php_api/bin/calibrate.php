<?php

declare(strict_types=1);

use CrowdSky\Base\Format;
use CrowdSky\Base\Utc;
use CrowdSky\Calibrations\CalibrationServices;
use CrowdSky\Kernel\App;
use CrowdSky\Kernel\CommandLine;

require __DIR__ . '/../src/autoload.php';

const USAGE = <<<'TEXT'
    Usage: php calibrate.php queue [--field N] [--now]
               have workers calibrate the fields of the sky whose stacks have changed, each at most
               every calibrate_hours; for cron, once an hour. --field looks at one field only, --now
               disregards when a field was calibrated last, and whether that failed
           php calibrate.php drop --days N
               remove the versions that are older than N days and not the newest of their field:
               nobody can ask for their light curves any more; their files stay in the storage

    TEXT;

function queueFields(App $app, ?int $field, bool $now): int
{
    echo CalibrationServices::of($app)->queue()->queue($field, $now)->asText();
    return 0;
}

function dropVersions(App $app, int $days): int
{
    $dropped = CalibrationServices::of($app)->register()->dropOld(Utc::storedBefore($app->clock()->now(), 86400 * $days));
    echo Format::count($dropped, 'version', 'versions') . " removed\n";
    return 0;
}

CommandLine::run(static function (App $app, array $arguments): int {
    $command = array_shift($arguments);
    $options = match ($command) {
        'queue' => CommandLine::options($arguments, ['now'], ['field']),
        'drop' => CommandLine::options($arguments, [], ['days']),
        default => null,
    };
    if ($options === null || $command === 'drop' && !isset($options['days'])) {
        return CommandLine::usage(USAGE);
    }
    $number = static fn (string $name): ?int => isset($options[$name]) ? CommandLine::wholeNumber($name, $options[$name]) : null;
    [$field, $days] = [$number('field'), $number('days')];
    $app->requireSite();
    return $days === null ? queueFields($app, $field, isset($options['now'])) : dropVersions($app, $days);
});
