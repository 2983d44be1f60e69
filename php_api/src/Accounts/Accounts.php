<?php

declare(strict_types=1);

namespace CrowdSky\Accounts;

use CrowdSky\Base\Clock;
use CrowdSky\Base\Utc;
use CrowdSky\Changes\StackChanges;
use CrowdSky\Database\Database;
use CrowdSky\Database\DuplicateKey;

/** The table of accounts: creates, finds and locks them. */
final class Accounts
{
    private const HAS_TEXT = "(u.username LIKE ? ESCAPE '!' OR COALESCE(u.email, '') LIKE ? ESCAPE '!')";

    public function __construct(private readonly Database $database, private readonly Clock $clock)
    {
    }

    /**
     * Creates an account; one that awaits approval is not active before an admin unlocks it.
     *
     * @throws AccountRefused when the name, the address or the password is not acceptable
     */
    public function create(
        string $username,
        #[\SensitiveParameter] string $password,
        ?string $email,
        string $role = User::ROLE_USER,
        bool $awaitsApproval = false,
        bool $areStacksPublic = true,
    ): User {
        self::check($username, $password, $email);
        try {
            $id = $this->database->insert('users', [
                'username' => $username,
                'email' => self::checkedEmail($email),
                'password_hash' => Password::hash($password),
                'role' => $role,
                'is_active' => !$awaitsApproval,
                'awaits_approval' => $awaitsApproval,
                'stacks_public' => $areStacksPublic,
                'created_at' => Utc::stored($this->clock->now()),
            ]);
        } catch (DuplicateKey $duplicate) {
            throw AccountRefused::taken($duplicate);
        }

        return $this->find($id) ?? throw new \LogicException("The account $id is gone right after it was made.");
    }

    /** @throws AccountRefused when the name, the address or the password is not acceptable */
    public static function check(string $username, #[\SensitiveParameter] string $password, ?string $email): void
    {
        self::checkUsername($username);
        self::checkedEmail($email);
        Password::check($password);
    }

    public function find(int $id): ?User
    {
        $row = $this->database->one('SELECT * FROM users WHERE id = ?', [$id]);

        return $row === null ? null : User::fromRow($row);
    }

    /** The account with that user name, in upper or lower case. */
    public function named(string $username): ?User
    {
        $row = $this->database->one('SELECT * FROM users WHERE username = ?', [$username]);
        return $row === null ? null : User::fromRow($row);
    }

    /** How many accounts have a text in their name or address; empty for all. */
    public function count(string $text = ''): int
    {
        return (int) $this->database->value('SELECT COUNT(*) FROM users u WHERE ' . self::HAS_TEXT, self::like($text));
    }

    /** How many accounts wait for approval. */
    public function countAwaiting(): int
    {
        return (int) $this->database->value('SELECT COUNT(*) FROM users WHERE awaits_approval = 1');
    }

    /**
     * Accounts that have a text in their name or address, oldest first.
     *
     * @return list<array<string, mixed>> rows of users with `raw_bytes` and `stacks`
     */
    public function page(string $text, int $limit, int $offset): array
    {
        return $this->database->all(
            'SELECT u.id, u.username, u.email, u.role, u.is_active, u.awaits_approval, u.quota_bytes, u.created_at, u.last_login_at,
                    (SELECT COALESCE(SUM(f.file_size_bytes), 0) FROM raw_files f
                      WHERE f.user_id = u.id AND f.deleted_at IS NULL) AS raw_bytes,
                    (SELECT COUNT(*) FROM stacked_frames s WHERE s.user_id = u.id) AS stacks,
                    (SELECT COUNT(*) FROM second_factors t WHERE t.user_id = u.id AND t.confirmed_at IS NOT NULL) AS has_factor,
                    (SELECT COUNT(*) FROM account_deletions d WHERE d.user_id = u.id) AS is_leaving
               FROM users u WHERE ' . self::HAS_TEXT . " ORDER BY u.id LIMIT $limit OFFSET $offset",
            self::like($text),
        );
    }

    /** Makes a user an admin, or an admin a user; an account that is locked or leaves is no admin. */
    public function setRole(int $id, string $role): bool
    {
        return $this->database->execute('UPDATE users SET role = ? WHERE id = ? AND is_active = 1', [$role, $id]) === 1;
    }

    /**
     * Locks an account, which ends its sessions in every browser at once, or unlocks it, which approves it too. One that
     * its owner wants deleted stays locked.
     *
     * @return bool false when there is no such account, or it has to stay locked
     */
    public function setActive(int $id, bool $active): bool
    {
        return $this->database->execute(
            'UPDATE users SET is_active = ?, awaits_approval = 0, session_epoch = session_epoch + 1
              WHERE id = ? AND NOT EXISTS (SELECT 1 FROM account_deletions d WHERE d.user_id = users.id AND ? = 1)
                AND (password_hash <> \'\' OR ? = 0)',
            [$active, $id, $active, $active]
        ) === 1;
    }

    /**
     * Deletes an account that waits for approval; its name can be registered again.
     *
     * @return bool false when it does not wait
     */
    public function reject(int $id): bool
    {
        return $this->database->execute('DELETE FROM users WHERE id = ? AND awaits_approval = 1', [$id]) === 1;
    }

    /** Stores whether the owner shares the position of their telescope; it applies from the next download on. */
    public function setSharesPosition(int $id, bool $shares): void
    {
        $this->database->execute('UPDATE users SET share_position = ? WHERE id = ?', [$shares, $id]);
    }

    /** Stores whether everybody may see those stacks of the owner for which nothing else was chosen. */
    public function setStacksPublic(int $id, bool $arePublic): void
    {
        $this->database->transaction(function () use ($id, $arePublic): void {
            $this->database->execute('UPDATE users SET stacks_public = ? WHERE id = ?', [$arePublic, $id]);
            (new StackChanges($this->database))->noteStacksOf($id);
        });
    }

    /** Limits how much the account may keep in raw subs; null means the setting user_quota_bytes. */
    public function setQuota(int $id, ?int $bytes): void
    {
        $this->database->execute('UPDATE users SET quota_bytes = ? WHERE id = ?', [$bytes, $id]);
    }

    /**
     * @return string|null the address without blanks around it, null for none
     * @throws AccountRefused when it is no address
     */
    public static function checkedEmail(?string $email): ?string
    {
        $email = $email === null || trim($email) === '' ? null : trim($email);
        if ($email !== null && (strlen($email) > 254 || filter_var($email, FILTER_VALIDATE_EMAIL) === false)) {
            throw AccountRefused::badField('This e-mail address is not valid. Leave the field empty if you want none.')->at('email');
        }

        return $email;
    }

    /** @return list<string> values of HAS_TEXT */
    private static function like(string $text): array
    {
        $pattern = '%' . strtr($text, ['!' => '!!', '%' => '!%', '_' => '!_']) . '%';

        return [$pattern, $pattern];
    }

    private static function checkUsername(string $username): void
    {
        // Without @ a name can never be mistaken for somebody's e-mail address.
        if (!preg_match('/^[A-Za-z0-9][A-Za-z0-9._+-]{2,63}$/D', $username)) {
            throw AccountRefused::badField(
                'A user name has 3 to 64 letters, digits, dots, dashes, plus signs or underscores'
                . ' and starts with a letter or digit.'
            )->at('username');
        }
    }
}
