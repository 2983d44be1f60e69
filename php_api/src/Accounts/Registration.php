<?php

declare(strict_types=1);

namespace CrowdSky\Accounts;

use CrowdSky\Base\Clock;
use CrowdSky\Database\AttemptLimit;
use CrowdSky\Database\Database;

/**
 * Lets visitors create accounts, as far as the site allows that: a limited number per address and day, and where an
 * admin has to approve them, none that can be used before.
 */
final class Registration
{
    public const OPEN = 'open';
    public const APPROVAL = 'approval';
    public const CLOSED = 'closed';

    private const DAY_SECONDS = 86400;

    private readonly Accounts $accounts;
    private readonly AttemptLimit $attempts;

    /** @param int $maxPerDay accounts that one address may create within a day; 0 means no limit */
    public function __construct(Database $database, Clock $clock, private readonly string $mode, private readonly int $maxPerDay)
    {
        $this->accounts = new Accounts($database, $clock);
        $this->attempts = new AttemptLimit($database, $clock, 'registrations', 'registered_at', self::DAY_SECONDS);
    }

    /**
     * Creates the account of a visitor; it is not active while it waits for an admin.
     *
     * A name or e-mail address that is taken counts like an account: otherwise the form would list for anybody who has
     * an account.
     *
     * @param bool $areStacksPublic whether everybody may see the stacks of the account
     * @throws AccountRefused when registration is closed, the address has created too many accounts, or a field is not
     *                        acceptable
     */
    public function register(
        string $username,
        #[\SensitiveParameter] string $password,
        ?string $email,
        bool $areStacksPublic,
        string $address,
    ): User {
        if ($this->mode === self::CLOSED) {
            throw AccountRefused::closed();
        }
        Accounts::check($username, $password, $email);
        $wait = $this->maxPerDay === 0
            ? null
            : $this->attempts->admit(['remote_addr' => self::network($address)], [[['remote_addr'], $this->maxPerDay]]);
        if ($wait !== null) {
            throw AccountRefused::tooManyAccounts($wait);
        }

        return $this->accounts->create(
            $username,
            $password,
            $email,
            awaitsApproval: $this->mode === self::APPROVAL,
            areStacksPublic: $areStacksPublic,
        );
    }

    /** Returns an IPv4 address as it is and of an IPv6 address the first 64 bits, all of which one customer has. */
    private static function network(string $address): string
    {
        $bytes = @inet_pton($address);
        if ($bytes === false || strlen($bytes) !== 16 || str_starts_with($bytes, str_repeat("\0", 10) . "\xff\xff")) {
            return $address;
        }

        return inet_ntop(substr($bytes, 0, 8) . str_repeat("\0", 8)) . '/64';
    }
}
