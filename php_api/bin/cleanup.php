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
               take stacks, series and calibrations in storage that the database does not know
               into the archive
           php cleanup.php --verify [--limit N] [--older-than DAYS]
               read archived stacks back, then series and calibrations, and compare them with
               what was archived
           php cleanup.php --trash [--restore NUMBER]
               list files in the trash of the storage, or move one back to where it was

    TEXT;

/** Flags and options with a value, by the option that names the task; the plain cleanup has none. */
const OPTIONS = [
    'adopt' => [['adopt', 'include-foreign', 'dry-run'], ['owner']],
    'verify' => [['verify'], ['limit', 'older-than']],
    'trash' => [['trash'], ['restore']],
    'orphans' => [['orphans', 'delete', 'include-unknown'], []],
    '' => [['dry-run', 'clock-is-right'], []],
];

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
    $stacks = CleanupServices::of($app)->archiveAudit()->run($limit, $days, say(...));
    echo $stacks->asText();
    $others = $stacks->gaveUp ? null : CleanupServices::of($app)->productAudit()->run($limit, $days, say(...));
    echo $others?->asText();
    return $stacks->isClean() && $others?->isClean() === true ? 0 : 1;
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
    $objects = $trash->all();
    foreach ($objects as $object) {
        echo "{$object->id}\t{$object->trashedAt}\t{$object->path}\t{$object->reason}\n";
    }
    echo $objects === [] ? "the trash is empty\n" : '';
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
    $services->run($owner, isset($options['include-foreign']), $report);
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

/** What is wrong with an option that a task does not have; null if no task has it. */
function explainOption(string $name, string $task): ?string
{
    if ($name !== '' && isset(OPTIONS[$name])) {
        return "--$name cannot be combined with --$task";
    }
    $tasks = array_keys(array_filter(OPTIONS, static fn (array $options): bool => in_array($name, array_merge(...$options), true)));
    return match (true) {
        $tasks === [], in_array($task, $tasks, true) => null,
        $task === '' => "--$name goes with --" . implode(' or --', $tasks) . ' only',
        default => "--$name does not go with --$task",
    };
}

CommandLine::run(static function (App $app, array $arguments): int {
    $task = '';
    foreach (array_keys(OPTIONS) as $name) {
        $task = $task === '' && in_array("--$name", $arguments, true) ? $name : $task;
    }
    [$flags, $values] = OPTIONS[$task];
    $options = CommandLine::options($arguments, $flags, $values, static fn (string $name): ?string => explainOption($name, $task));
    if ($options === null) {
        return CommandLine::usage(USAGE);
    }
    $app->requireSite();
    // Reading the whole archive takes hours and must not block the hourly cleanup.
    $lockName = match ($task) {
        'adopt' => 'adopt.lock',
        'verify' => 'verify.lock',
        default => 'cleanup.lock',
    };
    $lock = fopen($app->data()->path($lockName), 'c');
    if ($lock === false || !flock($lock, LOCK_EX | LOCK_NB)) {
        fwrite(STDERR, "Another cleanup is running.\n");
        return 0;
    }
    return match ($task) {
        'adopt' => adoptStacks($app, $options),
        'verify' => verifyStacks($app, $options),
        'trash' => showTrash($app, $options),
        'orphans' => findOrphans($app, $options),
        default => cleanUp($app, $options),
    };
});
