<?php

declare(strict_types=1);

namespace CrowdSky\Mail;

use CrowdSky\Kernel\App;

/** Builds what sends mails, as the settings say. */
final class MailServices
{
    private function __construct(private readonly App $app)
    {
    }

    public static function of(App $app): self
    {
        return new self($app);
    }

    public function isOn(): bool
    {
        return $this->app->config()->mail !== 'off';
    }

    /** @throws MailNotSent where the site sends no mails, or the host lets it not */
    public function mailer(): Mailer
    {
        $config = $this->app->config();

        return match ($config->mail) {
            'smtp' => new SmtpMailer(SmtpServer::of($config), $config->mailFrom, $this->app->clock()),
            'file' => new FileMailer($this->app->data()->path('mail'), $config->mailFrom, $this->app->clock()),
            default => throw new MailNotSent("The setting 'mail' is off"),
        };
    }

    /** Sends a mail when the page has been answered; if that fails, the log says so. */
    public function sendAfterwards(Message $message): void
    {
        $this->app->afterwards(function () use ($message): void {
            $this->mailer()->send($message);
        });
    }
}
