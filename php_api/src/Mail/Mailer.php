<?php

declare(strict_types=1);

namespace CrowdSky\Mail;

/** A way for mails to leave the site. */
interface Mailer
{
    /** @throws MailNotSent with the cause, and without what the mail says */
    public function send(Message $message): void;
}
