<?php

declare(strict_types=1);

namespace CrowdSky\Mail;

use CrowdSky\Base\Config;

/** Where and how mails are handed over. */
final class SmtpServer
{
    public function __construct(
        public readonly string $host,
        public readonly int $port,
        /** starttls, tls or none */
        public readonly string $security,
        public readonly string $user,
        #[\SensitiveParameter] public readonly string $password,
        public readonly int $timeoutSeconds,
    ) {
    }

    public static function of(Config $config): self
    {
        return new self(
            $config->smtpHost,
            $config->smtpPort,
            $config->smtpSecurity,
            $config->smtpUser,
            $config->smtpPassword,
            $config->smtpTimeoutSeconds,
        );
    }
}
