<?php

declare(strict_types=1);

namespace CrowdSky\Mail;

/**
 * A mail of plain text to one person, as RFC 5322 and MIME have it. No value can add a header or a recipient.
 */
final class Message
{
    /** Bytes in one encoded word (RFC 2047), so that no line of a header has more than 78 characters. */
    private const WORD_BYTES = 39;

    /**
     * @param string $to address without a name
     * @param string $subject one line, UTF-8
     * @param string $text UTF-8
     * @throws \InvalidArgumentException when the address is none
     */
    public function __construct(
        public readonly string $to,
        public readonly string $subject,
        public readonly string $text,
    ) {
        if (filter_var($to, FILTER_VALIDATE_EMAIL) === false) {
            throw new \InvalidArgumentException('The recipient of a mail is no e-mail address');
        }
    }

    /**
     * The mail as it is sent, with CRLF.
     *
     * @param string $from address
     * @param string $id random text for the Message-ID
     */
    public function source(string $from, \DateTimeInterface $now, string $id): string
    {
        $host = substr((string) strrchr($from, '@'), 1);
        $headers = [
            'From' => "CrowdSky <$from>",
            'To' => "<{$this->to}>",
            'Subject' => self::encoded(trim(preg_replace('/[\x00-\x1f\x7f]+/', ' ', mb_scrub($this->subject, 'UTF-8')) ?? '')),
            'Date' => $now->format(DATE_RFC2822),
            'Message-ID' => "<$id@$host>",
            // No machine answers it: RFC 3834.
            'Auto-Submitted' => 'auto-generated',
            'MIME-Version' => '1.0',
            'Content-Type' => 'text/plain; charset=utf-8',
            'Content-Transfer-Encoding' => 'quoted-printable',
        ];
        $lines = array_map(static fn (string $name, string $value): string => "$name: $value\r\n", array_keys($headers), $headers);
        $text = preg_replace('/\r\n|\r|\n/', "\r\n", mb_scrub($this->text, 'UTF-8')) ?? '';

        return implode('', $lines) . "\r\n" . quoted_printable_encode(rtrim($text) . "\r\n");
    }

    /** A text for a header, as encoded words where it is not plain ASCII. */
    private static function encoded(string $text): string
    {
        if (preg_match('/^[\x20-\x7e]{0,60}$/D', $text) === 1 && !str_contains($text, '=?')) {
            return $text;
        }
        $words = [''];
        foreach (mb_str_split($text, 1, 'UTF-8') as $character) {
            if (strlen(end($words)) + strlen($character) > self::WORD_BYTES) {
                $words[] = '';
            }
            $words[count($words) - 1] .= $character;
        }

        return implode("\r\n ", array_map(static fn (string $word): string => '=?UTF-8?B?' . base64_encode($word) . '?=', $words));
    }
}
