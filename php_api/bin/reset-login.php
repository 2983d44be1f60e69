<?php

declare(strict_types=1);

use CrowdSky\Accounts\Accounts;
use CrowdSky\Accounts\MailedCodes;
use CrowdSky\Accounts\SecondFactor;
use CrowdSky\Kernel\App;
use CrowdSky\Kernel\CommandLine;

require __DIR__ . '/../src/autoload.php';

const USAGE = <<<'TEXT'
    Usage: php reset-login.php --username NAME [--second-factor]

    Prints a code with which the owner of an account sets a new password on the page reset.php. It is
    valid for an hour and for one use. The password until then stays as it is. --second-factor also
    switches the second factor of the account off.

    TEXT;

CommandLine::run(static function (App $app): int {
    $options = getopt('', ['username:', 'second-factor']);
    if (!is_string($options['username'] ?? null)) {
        return CommandLine::usage(USAGE);
    }
    $app->requireSite();
    $user = (new Accounts($app->database(), $app->clock()))->named($options['username']);
    if ($user === null) {
        fwrite(STDERR, "There is no account named '{$options['username']}'\n");

        return 1;
    }
    if (isset($options['second-factor'])) {
        SecondFactor::of($app)->remove($user->id);
    }
    echo (new MailedCodes($app->database(), $app->clock()))->issue($user->id, MailedCodes::PASSWORD, null), "\n";

    return 0;
});
