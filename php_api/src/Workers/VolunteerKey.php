<?php

declare(strict_types=1);

namespace CrowdSky\Workers;

/** Somebody who wants to lend a computer, and how far that has come. Times are in stored form. */
final class VolunteerKey
{
    /** Waits for an admin. */
    public const ASKED = 'asked';
    /** May make a key. */
    public const GRANTED = 'granted';
    /** Was refused by an admin. */
    public const DECLINED = 'declined';
    /** Has made a key. */
    public const MADE = 'made';

    private function __construct(
        public readonly int $userId,
        public readonly string $username,
        public readonly string $state,
        /** what the user wrote, for the admin */
        public readonly string $note,
        public readonly string $askedAt,
        /** null before it was made, or when the key is gone */
        public readonly ?ApiKey $key,
    ) {
    }

    /**
     * @param array<string, mixed> $row of volunteer_keys, with username
     * @param ApiKey|null $key its key
     */
    public static function fromRow(array $row, ?ApiKey $key): self
    {
        return new self((int) $row['user_id'], $row['username'], $row['state'], $row['note'], $row['asked_at'], $key);
    }

    /** Whether a key may be made now: none was, or the last one does not count any more. */
    public function mayMake(): bool
    {
        return $this->state === self::GRANTED || ($this->state === self::MADE && ($this->key === null || $this->key->revokedAt !== null));
    }
}
