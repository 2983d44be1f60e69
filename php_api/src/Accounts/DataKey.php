<?php

declare(strict_types=1);

namespace CrowdSky\Accounts;

use CrowdSky\Keys\StoredKey;

/**
 * A key for programs, without the key itself: one of a user's own, or one of a program that belongs to no user.
 */
final class DataKey extends StoredKey
{
    public const PERSONAL = 'user';
    public const SERVICE = 'service';
    /** Scope of a key that reads the archive through the data API. */
    public const READ = 'read';
    /** Scope of a service key that reads private stacks too. */
    public const READ_ALL = 'read:all';
    /** Scope of a personal key with which programs at the telescope sign in, in place of the password. */
    public const UPLOAD = 'upload';
    /** What a user may give to a key. */
    public const PERSONAL_SCOPES = [self::READ, self::UPLOAD];

    public function readsAll(): bool
    {
        return $this->userId === null && $this->allows(self::READ_ALL);
    }
}
