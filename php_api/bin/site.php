<?php

declare(strict_types=1);

use CrowdSky\Custody\CustodyServices;
use CrowdSky\Custody\Doubt;
use CrowdSky\Kernel\App;
use CrowdSky\Kernel\CommandLine;

require __DIR__ . '/../src/autoload.php';

const USAGE = <<<'TEXT'
    Usage: php site.php show
               print the id of the archive, and whether the stacks in storage are this site's to delete
           php site.php restored [--continues ID]
               after the database was restored from a backup: choose a new id, give no number out
               that files in storage bear already, and take the storage over; --continues names an
               archive that this database does not know, whose own database is lost for good

    TEXT;

function printFinding(?Doubt $doubt): int
{
    echo 'custody: ', $doubt?->sentence() ?? 'ok', "\n";
    return $doubt === null ? 0 : 1;
}

function show(App $app): int
{
    $services = CustodyServices::of($app);
    $id = $services->ids()->current();
    echo "archive id: {$id->id}, since {$id->createdAt}\n";
    echo 'former ids: ', implode(', ', $services->ids()->former()) ?: 'none', "\n";
    $finding = $services->custody()->look();
    echo 'marks in storage: ', implode(', ', $services->custody()->markedBy()) ?: 'none', "\n";
    return printFinding($finding);
}

function takeOver(App $app, ?string $lost): int
{
    if ($lost !== null && preg_match('/^[0-9a-f]{16}$/D', $lost) !== 1) {
        throw new InvalidArgumentException('--continues needs the id of an archive, 16 hex digits, as site.php show prints it');
    }
    [$used, $doubt] = CustodyServices::of($app)->restoration()->run($lost);
    echo "further jobs get numbers above {$used->job}, uploads above {$used->uploadSession}, accounts above {$used->user}\n";
    show($app);
    echo $doubt === null ? "next: php php_api/bin/cleanup.php --adopt takes stacks that this database does not know into the archive\n" : '';
    return $doubt === null ? 0 : 1;
}

CommandLine::run(static function (App $app, array $arguments): int {
    $command = array_shift($arguments);
    $options = CommandLine::options($arguments, [], $command === 'restored' ? ['continues'] : []);
    if (!in_array($command, ['show', 'restored'], true) || $options === null) {
        return CommandLine::usage(USAGE);
    }
    $app->requireSite();
    if ($command === 'show') {
        return show($app);
    }
    $lock = fopen($app->data()->path('cleanup.lock'), 'c');
    if ($lock === false || !flock($lock, LOCK_EX)) {
        throw new RuntimeException('The lock of cleanup cannot be taken; check the owner of the data folder');
    }
    return takeOver($app, $options['continues'] ?? null);
});
