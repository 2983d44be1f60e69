<?php

declare(strict_types=1);

namespace CrowdSky\Mail;

use CrowdSky\Base\Clock;

/** Hands mails over to a mail server by SMTP (RFC 5321) with STARTTLS or TLS and a login. */
final class SmtpMailer implements Mailer
{
    public function __construct(
        private readonly SmtpServer $server,
        private readonly string $from,
        private readonly Clock $clock,
    ) {
    }

    public function send(Message $message): void
    {
        $id = bin2hex(random_bytes(16));
        $line = SmtpLine::open($this->server);
        try {
            $this->introduce($line);
            $line->command("MAIL FROM:<{$this->from}>", [250]);
            $line->command("RCPT TO:<{$message->to}>", [250, 251]);
            $line->command('DATA', [354]);
            // A line that begins with a dot would end the mail.
            $line->command(preg_replace('/^\./m', '..', $message->source($this->from, $this->clock->now(), $id)) . '.', [250]);
            $line->leave();
        } finally {
            $line->close();
        }
    }

    private function introduce(SmtpLine $line): void
    {
        $name = substr((string) strrchr($this->from, '@'), 1);
        $line->expect([220]);
        $offers = self::offers($line->command("EHLO $name", [250]));
        if ($this->server->security === 'starttls') {
            if (!isset($offers['STARTTLS'])) {
                throw new MailNotSent("The mail server {$this->server->host} does not offer STARTTLS; is 'smtp_port' right?");
            }
            $line->command('STARTTLS', [220]);
            $line->encrypt();
            $offers = self::offers($line->command("EHLO $name", [250]));
        }
        if ($this->server->user !== '') {
            $this->signIn($line, explode(' ', $offers['AUTH'] ?? ''));
        }
    }

    /** @param list<string> $ways that the server offers */
    private function signIn(SmtpLine $line, array $ways): void
    {
        if (in_array('PLAIN', $ways, true)) {
            $line->secret(base64_encode("\0{$this->server->user}\0{$this->server->password}"), [235], 'AUTH PLAIN ');
        } elseif (in_array('LOGIN', $ways, true)) {
            $line->command('AUTH LOGIN', [334]);
            $line->secret(base64_encode($this->server->user), [334]);
            $line->secret(base64_encode($this->server->password), [235]);
        } else {
            throw new MailNotSent("The mail server {$this->server->host} offers neither AUTH PLAIN nor AUTH LOGIN on this connection");
        }
    }

    /**
     * @param string $reply to EHLO
     * @return array<string, string> name of an extension in upper case => its parameters
     */
    private static function offers(string $reply): array
    {
        $offers = [];
        foreach (array_slice(explode("\n", $reply), 1) as $row) {
            [$name, $rest] = explode(' ', strtoupper(trim($row)), 2) + [1 => ''];
            $offers[$name] = $rest;
        }

        return $offers;
    }
}
