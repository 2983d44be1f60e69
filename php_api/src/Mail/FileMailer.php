<?php

declare(strict_types=1);

namespace CrowdSky\Mail;

use CrowdSky\Base\Clock;

/** Writes mails into files, which any mail program opens: for development and tests. */
final class FileMailer implements Mailer
{
    public function __construct(private readonly string $folder, private readonly string $from, private readonly Clock $clock)
    {
    }

    public function send(Message $message): void
    {
        $id = bin2hex(random_bytes(16));
        $now = $this->clock->now();
        if (!is_dir($this->folder) && !@mkdir($this->folder, 0700, true) && !is_dir($this->folder)) {
            throw new MailNotSent("The folder {$this->folder} could not be created");
        }
        $name = "{$this->folder}/{$now->format('Ymd-His')}-$id";
        if (@file_put_contents("$name.part", $message->source($this->from, $now, $id)) === false || !rename("$name.part", "$name.eml")) {
            throw new MailNotSent("The mail could not be written into {$this->folder}");
        }
    }
}
