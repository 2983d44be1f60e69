<?php

declare(strict_types=1);

namespace CrowdSky\Pages\Account;

use CrowdSky\Accounts\MailedCodes;
use CrowdSky\Kernel\App;
use CrowdSky\Mail\MailServices;
use CrowdSky\Mail\Message;
use CrowdSky\Pages\Texts;

/**
 * The mails about accounts, in the language of who asked for them.
 *
 * A link has its code behind the #, where no server and no log sees it; the page's script puts it into the form.
 */
final class AccountMails
{
    public function __construct(private readonly App $app, private readonly Texts $texts)
    {
    }

    /** The mail with a code for a new password. */
    public function password(string $to, string $username, #[\SensitiveParameter] string $code): Message
    {
        return $this->message($to, $this->texts->say('A new password for CrowdSky'), [
            $this->texts->say('Somebody, hopefully you, has asked for a new password for the account {name}.', ['name' => $username]),
            $this->texts->say('Set it here within an hour:'),
            "{$this->app->config()->siteUrl}/reset.php#$code",
            $this->texts->say('If the link does not open, enter this code on the page:') . ' ' . $code,
            $this->texts->say('If it was not you, do nothing: your password stays as it is.'),
        ]);
    }

    /** Sends a code that confirms an address. */
    public function confirmAddress(int $userId, string $to, string $username): void
    {
        $code = (new MailedCodes($this->app->database(), $this->app->clock()))->issue($userId, MailedCodes::ADDRESS, $to);
        MailServices::of($this->app)->sendAfterwards($this->message($to, $this->texts->say('Your e-mail address for CrowdSky'), [
            $this->texts->say('Somebody, hopefully you, has entered this address for the account {name}.', ['name' => $username]),
            $this->texts->say('Confirm it here within three days:'),
            "{$this->app->config()->siteUrl}/confirm.php#$code",
            $this->texts->say('If the link does not open, enter this code on the page:') . ' ' . $code,
            $this->texts->say('If it was not you, do nothing.'),
        ]));
    }

    /** Tells the owner of an account what has been changed, who may be somebody else than the one that did it. */
    public function passwordChanged(string $to, string $username): void
    {
        MailServices::of($this->app)->sendAfterwards($this->message($to, $this->texts->say('Your password for CrowdSky was changed'), [
            $this->texts->say('The password of the account {name} was changed.', ['name' => $username]),
            $this->texts->say('If it was not you, set a new one at once:'),
            "{$this->app->config()->siteUrl}/reset.php",
        ]));
    }

    /** Tells the former address that the account has another one now. */
    public function addressChanged(string $to, string $username): void
    {
        MailServices::of($this->app)->sendAfterwards($this->message($to, $this->texts->say('Your e-mail address for CrowdSky was changed'), [
            $this->texts->say('The account {name} has another e-mail address now.', ['name' => $username]),
            $this->texts->say('If it was not you, write to the operator of the site:'),
            $this->app->config()->siteUrl,
        ]));
    }

    /** @param list<string> $paragraphs */
    private function message(string $to, string $subject, array $paragraphs): Message
    {
        return new Message($to, $subject, implode("\n\n", $paragraphs) . "\n");
    }
}
