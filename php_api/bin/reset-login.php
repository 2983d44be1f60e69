<?php

declare(strict_types=1);

use CrowdSky\Accounts\Accounts;
use CrowdSky\Accounts\MailedCodes;
use CrowdSky\Kernel\App;
use CrowdSky\Kernel\CommandLine;

require __DIR__ . '/../src/autoload.php';

const USAGE = <<<'TEXT'
    Usage: php reset-login.php --username NAME

    Prints a code with which the owner of an account sets a new password on the page reset.php. It is
    valid for an hour and for one use. The password until then stays as it is.

    TEXT;

CommandLine::run(static function (App $app): int {
    $options = getopt('', ['username:']);
    if (!is_string($options['username'] ?? null)) {
        return CommandLine::usage(USAGE);
    }
    $app->requireSite();
    $user = (new Accounts($app->database(), $app->clock()))->named($options['username']);
    if ($user === null) {
        fwrite(STDERR, "There is no account named '{$options['username']}'\n");

        return 1;
    }
    echo (new MailedCodes($app->database(), $app->clock()))->issue($user->id, MailedCodes::PASSWORD, null), "\n";

    return 0;
});
