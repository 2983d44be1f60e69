<?php

declare(strict_types=1);

namespace CrowdSky\Accounts;

use CrowdSky\Base\Clock;
use CrowdSky\Database\AttemptLimit;
use CrowdSky\Database\Database;

/** Limits the mails that strangers can make the site send: to one mailbox, and by one address. */
final class MailThrottle
{
    public const WINDOW_SECONDS = 3600;
    private const PER_MAILBOX = 3;
    private const PER_ADDRESS = 20;

    private readonly AttemptLimit $attempts;

    public function __construct(Database $database, Clock $clock)
    {
        $this->attempts = new AttemptLimit($database, $clock, 'mail_requests', 'requested_at', self::WINDOW_SECONDS);
    }

    /**
     * @return bool false when the mailbox has got enough mails; who asks must not learn that
     * @throws AccountRefused when the address has asked too often
     */
    public function admits(string $email, string $address): bool
    {
        $attempt = ['mailbox' => hash('sha256', mb_strtolower(trim($email), 'UTF-8')), 'remote_addr' => $address];
        $wait = $this->attempts->waitFor($attempt, [[['remote_addr'], self::PER_ADDRESS]]);
        if ($wait !== null) {
            throw AccountRefused::tooManyAttempts($wait);
        }

        return $this->attempts->admit($attempt, [[['mailbox'], self::PER_MAILBOX], [['remote_addr'], self::PER_ADDRESS]]) === null;
    }
}
