<?php

declare(strict_types=1);

namespace CrowdSky\Mail;

use CrowdSky\Base\HostFunctions;

/** A connection to a mail server: commands, replies and their time limits. */
final class SmtpLine
{
    /** A reply may have many lines, but not a book of them. */
    private const MAX_REPLY_LINES = 100;
    private const MAX_LINE_BYTES = 2048;

    /** @param resource $stream */
    private function __construct(private readonly mixed $stream, private readonly SmtpServer $server)
    {
    }

    /** @throws MailNotSent when the server cannot be reached, or its certificate is not valid for its name */
    public static function open(SmtpServer $server): self
    {
        $missing = HostFunctions::missingForSmtp($server->security !== 'none');
        if ($missing !== null) {
            throw new MailNotSent($missing);
        }
        $host = str_contains($server->host, ':') ? "[{$server->host}]" : $server->host;
        $scheme = $server->security === 'tls' ? 'tls' : 'tcp';
        $context = stream_context_create(['ssl' => [
            'verify_peer' => true,
            'verify_peer_name' => true,
            'peer_name' => $server->host,
            'SNI_enabled' => true,
        ]]);
        [$stream, $warning] = self::quietly(static fn (): mixed => stream_socket_client(
            "$scheme://$host:{$server->port}",
            $number,
            $reason,
            $server->timeoutSeconds,
            STREAM_CLIENT_CONNECT,
            $context,
        ));
        if (!is_resource($stream)) {
            throw new MailNotSent("The mail server {$server->host}, port {$server->port}, cannot be reached: $warning");
        }
        stream_set_timeout($stream, $server->timeoutSeconds);

        return new self($stream, $server);
    }

    /**
     * @param list<int> $codes that are right
     * @return string the reply without its codes, lines separated by \n
     * @throws MailNotSent for any other reply
     */
    public function command(string $text, array $codes): string
    {
        $this->write($text);

        return $this->expect($codes, str_contains($text, "\n") ? 'the mail' : explode(' ', $text, 2)[0]);
    }

    /**
     * Sends what must be in no message of ours; the server's reply might repeat it.
     *
     * @param list<int> $codes that are right
     */
    public function secret(#[\SensitiveParameter] string $text, array $codes, string $before = ''): void
    {
        $this->write($before . $text);
        [$code] = $this->reply();
        if (!in_array($code, $codes, true)) {
            throw new MailNotSent("The mail server {$this->server->host} refused the login of 'smtp_user' with code $code");
        }
    }

    /**
     * @param list<int> $codes
     * @throws MailNotSent for any other reply
     */
    public function expect(array $codes, string $what = 'the connection'): string
    {
        [$code, $text] = $this->reply();
        if (!in_array($code, $codes, true)) {
            $shown = mb_substr(preg_replace('/[^\x20-\x7e]+/', ' ', $text) ?? '', 0, 200);
            throw new MailNotSent("The mail server {$this->server->host} answered $what with $code $shown");
        }

        return $text;
    }

    /** Encrypts the connection from here on. */
    public function encrypt(): void
    {
        // What came before the encryption may be from anybody on the way.
        if (stream_get_meta_data($this->stream)['unread_bytes'] > 0) {
            throw new MailNotSent("The mail server {$this->server->host} sent something between STARTTLS and the encryption");
        }
        [$isDone, $warning] = self::quietly(fn (): mixed => stream_socket_enable_crypto($this->stream, true, STREAM_CRYPTO_METHOD_TLS_CLIENT));
        if ($isDone !== true) {
            throw new MailNotSent("The connection to the mail server {$this->server->host} could not be encrypted: $warning");
        }
    }

    /** Says good-bye; the mail has been taken, so that nothing can go wrong any more. */
    public function leave(): void
    {
        self::quietly(fn (): mixed => fwrite($this->stream, "QUIT\r\n"));
    }

    public function close(): void
    {
        fclose($this->stream);
    }

    private function write(#[\SensitiveParameter] string $text): void
    {
        $rest = "$text\r\n";
        while ($rest !== '') {
            [$sent, $warning] = self::quietly(fn (): mixed => fwrite($this->stream, $rest));
            if ($sent === false || $sent === 0) {
                throw new MailNotSent("The connection to the mail server {$this->server->host} was lost: $warning");
            }
            $rest = substr($rest, (int) $sent);
        }
    }

    /** @return array{int, string} code and text */
    private function reply(): array
    {
        $texts = [];
        for ($count = 0; $count < self::MAX_REPLY_LINES; $count++) {
            [$row] = self::quietly(fn (): mixed => fgets($this->stream, self::MAX_LINE_BYTES));
            if (!is_string($row) || preg_match('/^([2-5][0-9]{2})([ -]?)(.*)$/Ds', rtrim($row, "\r\n"), $match) !== 1) {
                $isLate = stream_get_meta_data($this->stream)['timed_out'];
                throw new MailNotSent($isLate
                    ? "The mail server {$this->server->host} did not answer within {$this->server->timeoutSeconds} seconds"
                    : "The mail server {$this->server->host} closed the connection or does not speak SMTP; is 'smtp_security' right for 'smtp_port'?");
            }
            $texts[] = $match[3];
            if ($match[2] !== '-') {
                return [(int) $match[1], implode("\n", $texts)];
            }
        }
        throw new MailNotSent("The mail server {$this->server->host} does not end its reply");
    }

    /**
     * @param \Closure(): mixed $work
     * @return array{mixed, string} what it returns, and its warning
     */
    private static function quietly(\Closure $work): array
    {
        $warning = '';
        set_error_handler(static function (int $level, string $message) use (&$warning): bool {
            $warning = trim("$warning $message");

            return true;
        });
        try {
            return [$work(), $warning];
        } finally {
            restore_error_handler();
        }
    }
}
