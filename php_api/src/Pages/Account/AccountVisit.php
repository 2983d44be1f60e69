<?php

declare(strict_types=1);

namespace CrowdSky\Pages\Account;

use CrowdSky\Accounts\Passwords;
use CrowdSky\Accounts\User;
use CrowdSky\Accounts\Visitor;
use CrowdSky\Http\Request;
use CrowdSky\Kernel\App;
use CrowdSky\Pages\Texts;

/** A user at the page of their own account. */
final class AccountVisit
{
    public readonly Texts $texts;

    public function __construct(
        public readonly App $app,
        public readonly Request $request,
        public readonly Visitor $visitor,
        public readonly User $user,
    ) {
        $this->texts = Texts::of($request);
    }

    /** @throws \CrowdSky\Accounts\AccountRefused when the form has not the password of the account */
    public function requirePassword(): void
    {
        Passwords::of($this->app)->require($this->user, $this->request->form('password') ?? '', $this->request->remoteAddress());
    }
}
