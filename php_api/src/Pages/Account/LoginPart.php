<?php

declare(strict_types=1);

namespace CrowdSky\Pages\Account;

use CrowdSky\Accounts\Accounts;
use CrowdSky\Accounts\AccountRefused;
use CrowdSky\Accounts\Addresses;
use CrowdSky\Accounts\Logins;
use CrowdSky\Accounts\MailedCodes;
use CrowdSky\Accounts\MailThrottle;
use CrowdSky\Accounts\Passwords;
use CrowdSky\Mail\MailServices;

/** Password, e-mail address and the browsers that are logged in. */
final class LoginPart implements Part
{
    public static function actions(): array
    {
        return ['password', 'email', 'end_login', 'end_logins'];
    }

    public function values(AccountVisit $visit): array
    {
        $app = $visit->app;

        return [
            'address' => (new Addresses($app->database(), $app->clock()))->of($visit->user->id),
            'awaitedAddress' => (new MailedCodes($app->database(), $app->clock()))->awaitedAddress($visit->user->id),
            'sendsMail' => MailServices::of($app)->isOn(),
            'logins' => self::logins($visit)->ofUser($visit->user->id),
            'thisLogin' => $visit->visitor->session->loginId(),
        ];
    }

    public function act(AccountVisit $visit, string $action): string
    {
        return match ($action) {
            'password' => $this->changePassword($visit),
            'email' => $this->changeAddress($visit),
            'end_login' => $this->endLogin($visit),
            default => $this->endOthers($visit),
        };
    }

    private function changePassword(AccountVisit $visit): string
    {
        $visit->requirePassword();
        try {
            Passwords::of($visit->app)->set($visit->user->id, $visit->request->form('new_password') ?? '', $visit->visitor->session->loginId());
        } catch (AccountRefused $refusal) {
            throw $refusal->at('new_password');
        }
        $address = (new Addresses($visit->app->database(), $visit->app->clock()))->of($visit->user->id);
        if ($address['email'] !== null && MailServices::of($visit->app)->isOn()) {
            (new AccountMails($visit->app, $visit->texts))->passwordChanged($address['email'], $visit->user->username);
        }

        return $visit->texts->say('Your password is changed. All other browsers are logged out.');
    }

    /** Enters an address at once where the site sends no mails; where it does, when its owner has confirmed it. */
    private function changeAddress(AccountVisit $visit): string
    {
        $visit->requirePassword();
        $email = Accounts::checkedEmail($visit->request->form('email'));
        $addresses = new Addresses($visit->app->database(), $visit->app->clock());
        $codes = new MailedCodes($visit->app->database(), $visit->app->clock());
        $codes->forget($visit->user->id, MailedCodes::ADDRESS);
        if ($email === null || !MailServices::of($visit->app)->isOn()) {
            $addresses->set($visit->user->id, $email, false);

            return $visit->texts->say('Your e-mail address is saved.');
        }
        if (!(new MailThrottle($visit->app->database(), $visit->app->clock()))->admits($email, $visit->request->remoteAddress())) {
            throw AccountRefused::tooManyAttempts(MailThrottle::WINDOW_SECONDS);
        }
        (new AccountMails($visit->app, $visit->texts))->confirmAddress($visit->user->id, $email, $visit->user->username);

        return $visit->texts->say('A mail is on its way to {email}. The address counts when you have confirmed it there.', ['email' => $email]);
    }

    private function endLogin(AccountVisit $visit): string
    {
        self::logins($visit)->end($visit->request->formId('login_id'), $visit->user->id);

        return $visit->texts->say('That browser is logged out.');
    }

    private function endOthers(AccountVisit $visit): string
    {
        self::logins($visit)->endAll($visit->user->id, $visit->visitor->session->loginId());

        return $visit->texts->say('All other browsers are logged out.');
    }

    private static function logins(AccountVisit $visit): Logins
    {
        return new Logins($visit->app->database(), $visit->app->clock());
    }
}
