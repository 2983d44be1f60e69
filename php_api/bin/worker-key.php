<?php

declare(strict_types=1);

use CrowdSky\Base\Refusal;
use CrowdSky\Kernel\App;
use CrowdSky\Kernel\CommandLine;
use CrowdSky\Workers\KeyStore;
use CrowdSky\Workers\WorkerServices;

require __DIR__ . '/../src/autoload.php';

const USAGE = <<<'TEXT'
    Usage: php worker-key.php create --name NAME [--scope SCOPE]...   make a key and print it, once
           php worker-key.php list                                    show all keys
           php worker-key.php revoke ID                               make a key useless at once

    Every key may work on jobs. Further scopes: trusted (get frames with the position of the
    telescope, which others see blanked; --trusted for short), volunteer (results wait until another
    worker agrees with them; --volunteer for short), cleanup (call api/cleanup.php; --cleanup for
    short) and admin (call api/rescan.php for any stack). A key with the scope metrics alone may read
    api/metrics.php and nothing else.

    TEXT;

/** Prints nothing but the key on stdout, so that scripts can use it. */
function createKey(KeyStore $keys, array $arguments): int
{
    $name = $arguments[array_search('--name', $arguments, true) + 1] ?? '';
    $further = array_filter(
        [KeyStore::SCOPE_TRUSTED, KeyStore::SCOPE_VOLUNTEER, KeyStore::SCOPE_CLEANUP],
        static fn (string $scope): bool => in_array("--$scope", $arguments, true),
    );
    foreach (array_keys($arguments, '--scope', true) as $place) {
        $further[] = $arguments[$place + 1] ?? '';
    }
    $isForReading = $further === [KeyStore::SCOPE_METRICS];
    try {
        echo $keys->create($name, $isForReading ? $further : [KeyStore::SCOPE_JOBS, ...$further]), "\n";
    } catch (Refusal $refusal) {
        fwrite(STDERR, $refusal->getMessage() . "\n");
        return 1;
    }
    return 0;
}

function listKeys(KeyStore $keys): int
{
    foreach ($keys->all() as $key) {
        $state = match (true) {
            $key->revokedAt !== null => "revoked {$key->revokedAt}",
            $key->quarantinedAt !== null => "quarantined {$key->quarantinedAt}",
            default => 'valid',
        };
        echo implode("\t", [$key->id, "{$key->hint}...", $key->name, implode(' ', $key->scopes), 'last used ' . ($key->lastUsedAt ?? 'never'), $state]), "\n";
    }
    return 0;
}

function revokeKey(KeyStore $keys, string $id): int
{
    if (!ctype_digit($id) || !$keys->revoke((int) $id)) {
        fwrite(STDERR, "There is no valid key with the id '$id'; see: php worker-key.php list\n");
        return 1;
    }
    return 0;
}

CommandLine::run(static function (App $app, array $arguments): int {
    if (in_array($arguments[0] ?? '', ['list', 'revoke'], true)) {
        $app->requireSite();
    }
    $keys = WorkerServices::of($app)->keys();
    return match ($arguments[0] ?? '') {
        'create' => in_array('--name', $arguments, true) ? createKey($keys, $arguments) : CommandLine::usage(USAGE),
        'list' => listKeys($keys),
        'revoke' => revokeKey($keys, $arguments[1] ?? ''),
        default => CommandLine::usage(USAGE),
    };
});
