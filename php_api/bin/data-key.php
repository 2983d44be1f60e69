<?php

declare(strict_types=1);

use CrowdSky\Accounts\DataKey;
use CrowdSky\Accounts\DataKeys;
use CrowdSky\Base\Refusal;
use CrowdSky\Base\Utc;
use CrowdSky\Kernel\App;
use CrowdSky\Kernel\CommandLine;

require __DIR__ . '/../src/autoload.php';

const USAGE = <<<'TEXT'
    Usage: php data-key.php create --name NAME [--scope read:all] [--last-day YYYY-MM-DD]
                                          make a service key and print it, once
           php data-key.php list          show all service keys
           php data-key.php revoke ID     make a service key useless at once

    A service key belongs to no user and reads public stacks through the data API; with the scope
    read:all it reads private ones too. Users create keys of their own on the page Account.

    TEXT;

/** Prints nothing but the key on stdout, so that scripts can use it. */
function createKey(DataKeys $keys, array $arguments): int
{
    $given = static fn (string $option): ?string => in_array($option, $arguments, true)
        ? $arguments[array_search($option, $arguments, true) + 1] ?? ''
        : null;
    $scope = $given('--scope');
    if ($scope !== null && $scope !== DataKey::READ_ALL) {
        fwrite(STDERR, "'$scope' is no scope of a service key; the only one is " . DataKey::READ_ALL . "\n");
        return 1;
    }
    try {
        echo $keys->createService($given('--name') ?? '', $scope !== null, $given('--last-day')), "\n";
    } catch (Refusal $refusal) {
        fwrite(STDERR, $refusal->getMessage() . "\n");
        return 1;
    }
    return 0;
}

function listKeys(DataKeys $keys, string $now): int
{
    foreach ($keys->ofServices() as $key) {
        $state = match (true) {
            $key->revokedAt !== null => "revoked {$key->revokedAt}",
            $key->isExpired($now) => "expired {$key->expiresAt}",
            $key->expiresAt !== null => "valid until {$key->expiresAt}",
            default => 'valid',
        };
        echo implode("\t", [$key->id, "{$key->hint}...", $key->name, implode(' ', $key->scopes), 'last used ' . ($key->lastUsedAt ?? 'never'), $state]), "\n";
    }
    return 0;
}

function revokeKey(DataKeys $keys, string $id): int
{
    if (!ctype_digit($id) || !$keys->revoke((int) $id, null)) {
        fwrite(STDERR, "There is no valid service key with the id '$id'; see: php data-key.php list\n");
        return 1;
    }
    return 0;
}

CommandLine::run(static function (App $app, array $arguments): int {
    if (in_array($arguments[0] ?? '', ['create', 'list', 'revoke'], true)) {
        $app->requireSite();
    }
    $keys = new DataKeys($app->database(), $app->clock());
    return match ($arguments[0] ?? '') {
        'create' => in_array('--name', $arguments, true) ? createKey($keys, $arguments) : CommandLine::usage(USAGE),
        'list' => listKeys($keys, Utc::stored($app->clock()->now())),
        'revoke' => revokeKey($keys, $arguments[1] ?? ''),
        default => CommandLine::usage(USAGE),
    };
});
