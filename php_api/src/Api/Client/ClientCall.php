<?php

declare(strict_types=1);

namespace CrowdSky\Api\Client;

use CrowdSky\Accounts\BasicLogin;
use CrowdSky\Accounts\User;
use CrowdSky\Base\Refusal;
use CrowdSky\Http\Request;
use CrowdSky\Kernel\App;

/** What every call of a user's own program begins with. */
final class ClientCall
{
    /** @throws Refusal without the name and password of an active account, and after too many wrong ones */
    public static function user(App $app, Request $request): User
    {
        return BasicLogin::of($app)->require($request);
    }

    /** Whether a form field that programs use as a switch is on; they send `1`, `0` or nothing. */
    public static function flag(Request $request, string $field): bool
    {
        return match ($request->form($field)) {
            null, '', '0' => false,
            '1' => true,
            default => throw Refusal::badInput("'$field' must be 0 or 1"),
        };
    }
}
