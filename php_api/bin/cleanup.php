<?php

declare(strict_types=1);

use CrowdSky\Adoption\AdoptionReport;
use CrowdSky\Adoption\AdoptionServices;
use CrowdSky\Cleanup\CleanupServices;
use CrowdSky\Custody\CustodyServices;
use CrowdSky\Kernel\App;
use CrowdSky\Kernel\CommandLine;
use CrowdSky\Timekeeping\TimekeepingServices;

require __DIR__ . '/../src/autoload.php';

const USAGE = <<<'TEXT'
    Usage: php cleanup.php [--dry-run] [--clock-is-right]
               discard what is not needed any more; run it from cron every hour. A clock that it
               does not believe is confirmed with --clock-is-right
           php cleanup.php --orphans [--delete] [--include-unknown]
               list files in storage, and raw files, that nothing refers to, and delete them with --delete
           php cleanup.php --adopt [--owner NAME] [--include-foreign] [--dry-run]
               take stacks in storage that the database does not know into the archive
           php cleanup.php --verify [--limit N] [--older-than DAYS]
               read archived stacks back and compare them with what was archived
           php cleanup.php --trash [--restore NUMBER]
               list files in the trash of the storage, or move one back to where it was

    TEXT;

function say(string $line): void
{
    echo "$line\n";
}

/** @param array<string, string|true> $options */
function findOrphans(App $app, array $options): int
{
    [$delete, $withUnknown] = [isset($options['delete']), isset($options['include-unknown'])];
    $run = TimekeepingServices::of($app)->runs()->begin(dryRun: !$delete);
    if ($run->doubt !== null) {
        echo "nothing is deleted: {$run->doubt}\n";
        $delete = false;
    }
    $raws = CleanupServices::of($app)->rawOrphanSearch()->run($run, $withUnknown, say(...));
    echo $delete ? '' : 'dry run, nothing changed; ', $raws->asText();
    $report = CleanupServices::of($app)->orphanSearch()->run($delete, $withUnknown, say(...));
    echo $delete ? '' : 'dry run, nothing changed; ', $report->asText();
    return 0;
}

/** @param array<string, string|true> $options */
function verifyStacks(App $app, array $options): int
{
    $limit = isset($options['limit']) ? CommandLine::wholeNumber('limit', $options['limit']) : null;
    $days = CommandLine::wholeNumber('older-than', $options['older-than'] ?? '0');
    $report = CleanupServices::of($app)->archiveAudit()->run($limit, $days, say(...));
    echo $report->asText();
    return $report->isClean() ? 0 : 1;
}

/** @param array<string, string|true> $options */
function showTrash(App $app, array $options): int
{
    $trash = CustodyServices::of($app)->trash();
    if (isset($options['restore'])) {
        $object = $trash->get(CommandLine::wholeNumber('restore', $options['restore']));
        CustodyServices::of($app)->gate()->restore($object);
        echo "restored\t{$object->path}\n";
        return 0;
    }
    foreach ($trash->all() as $object) {
        echo "{$object->id}\t{$object->trashedAt}\t{$object->path}\t{$object->reason}\n";
    }
    return 0;
}

/** @param array<string, string|true> $options */
function adoptStacks(App $app, array $options): int
{
    $services = AdoptionServices::of($app);
    $owner = isset($options['owner']) ? $services->accounts()->named($options['owner']) : null;
    if (isset($options['owner']) && $owner === null) {
        throw new \InvalidArgumentException("There is no account named '{$options['owner']}'; create it first, see create-user.php");
    }
    $report = new AdoptionReport(isset($options['dry-run']), say(...));
    $services->adoption()->run($owner, isset($options['include-foreign']), $report);
    echo $report->asText();
    return 0;
}

/** @param array<string, string|true> $options */
function cleanUp(App $app, array $options): int
{
    $report = CleanupServices::of($app)->cleanup()->run(isset($options['dry-run']), isset($options['clock-is-right']));
    echo $report->asText();
    return $report->unverifiedStacks === 0 && $report->doubt === null && $report->run->doubt === null ? 0 : 1;
}

CommandLine::run(static function (App $app, array $arguments): int {
    $isVerify = in_array('--verify', $arguments, true);
    $isTrash = in_array('--trash', $arguments, true);
    $isOrphans = in_array('--orphans', $arguments, true);
    $isAdoption = in_array('--adopt', $arguments, true);
    $flags = match (true) {
        $isAdoption => ['adopt', 'include-foreign', 'dry-run'],
        $isVerify => ['verify'],
        $isTrash => ['trash'],
        $isOrphans => ['orphans', 'delete', 'include-unknown'],
        default => ['dry-run', 'clock-is-right'],
    };
    $values = match (true) {
        $isAdoption => ['owner'],
        $isVerify => ['limit', 'older-than'],
        $isTrash => ['restore'],
        default => [],
    };
    $options = CommandLine::options($arguments, $flags, $values);
    if ($options === null) {
        return CommandLine::usage(USAGE);
    }
    // Reading the whole archive takes hours and must not block the hourly cleanup.
    $lockName = match (true) {
        $isAdoption => 'adopt.lock',
        $isVerify => 'verify.lock',
        default => 'cleanup.lock',
    };
    $lock = fopen($app->data()->path($lockName), 'c');
    if ($lock === false || !flock($lock, LOCK_EX | LOCK_NB)) {
        fwrite(STDERR, "Another cleanup is running.\n");
        return 0;
    }
    return match (true) {
        $isAdoption => adoptStacks($app, $options),
        $isVerify => verifyStacks($app, $options),
        $isTrash => showTrash($app, $options),
        $isOrphans => findOrphans($app, $options),
        default => cleanUp($app, $options),
    };
});
