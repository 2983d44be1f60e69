<?php

declare(strict_types=1);

use CrowdSky\Accounts\AccountRefused;
use CrowdSky\Accounts\Accounts;
use CrowdSky\Accounts\User;
use CrowdSky\Kernel\App;
use CrowdSky\Kernel\CommandLine;

require __DIR__ . '/../src/autoload.php';

const USAGE = <<<'TEXT'
    Usage: php create-user.php --username NAME --password-stdin [--email ADDRESS] [--admin] [--private]

    Makes an account. The password is the first line of standard input, so that it appears in
    no process list and no shell history. Its stacks are public, unless --private is given or
    its owner decides otherwise on the page Account.

    TEXT;

CommandLine::run(static function (App $app): int {
    $options = getopt('', ['username:', 'password-stdin', 'email:', 'admin', 'private']);
    if (!is_string($options['username'] ?? null) || !isset($options['password-stdin'])) {
        return CommandLine::usage(USAGE);
    }
    $password = rtrim((string) fgets(STDIN), "\r\n");
    $role = isset($options['admin']) ? User::ROLE_ADMIN : User::ROLE_USER;
    try {
        $user = (new Accounts($app->database(), $app->clock()))
            ->create($options['username'], $password, $options['email'] ?? null, $role, areStacksPublic: !isset($options['private']));
    } catch (AccountRefused $refusal) {
        fwrite(STDERR, $refusal->getMessage() . "\n");

        return 1;
    }
    echo "Created the {$user->role} {$user->username} with id {$user->id}; its stacks are " . ($user->areStacksPublic ? 'public' : 'private') . ".\n";

    return 0;
});
