<?php

declare(strict_types=1);

namespace CrowdSky\Uploads;

use CrowdSky\Accounts\User;
use CrowdSky\Base\Clock;
use CrowdSky\Database\Database;

/**
 * Keeps every user's raw subs within their quota, however many uploads arrive at once.
 *
 * Space is reserved before the first byte of a file is accepted, and released or converted to the file afterwards. Both
 * happen under a lock on the user's row, so that two uploads never count on the same space.
 */
final class Quota
{
    /**
     * Seconds after which a reservation whose request died ends by itself; no upload of one sub takes so long. A
     * reservation that would last longer was made before the clock was set back, and counts as ended.
     */
    private const RESERVED_SECONDS = 3600;

    /** @param int $defaultBytes for users without a quota of their own; 0 means no limit */
    public function __construct(
        private readonly Database $database,
        private readonly Clock $clock,
        private readonly int $defaultBytes,
    ) {
    }

    /** Determines how much $user has used and may still use. */
    public function room(User $user): Room
    {
        $quota = $user->quotaBytes ?? ($this->defaultBytes ?: null);
        if ($quota === null) {
            return new Room(null, 0);
        }
        $kept = $this->database->value(
            'SELECT COALESCE(SUM(file_size_bytes), 0) FROM raw_files WHERE user_id = ? AND deleted_at IS NULL',
            [$user->id]
        );
        $now = $this->clock->milliseconds();
        $reserved = $this->database->value(
            'SELECT COALESCE(SUM(bytes), 0) FROM upload_reservations WHERE user_id = ? AND expires_at > ? AND expires_at <= ?',
            [$user->id, $now, self::latest($now)]
        );

        return new Room($quota, (int) $kept + (int) $reserved);
    }

    /**
     * Reserves space for a file that is about to arrive.
     *
     * @return int|null number of the reservation, null for a user without a limit
     * @throws UploadRefused when there is not enough space
     */
    public function reserve(User $user, int $bytes): ?int
    {
        if ($this->room($user)->quotaBytes === null) {
            return null;
        }

        return $this->database->forgettable(fn (): int => $this->database->transaction(function () use ($user, $bytes): int {
            $this->lock($user);
            $now = $this->clock->milliseconds();
            $this->database->execute(
                'DELETE FROM upload_reservations WHERE user_id = ? AND (expires_at <= ? OR expires_at > ?)',
                [$user->id, $now, self::latest($now)]
            );
            $this->requireRoom($user, $bytes);

            return $this->database->insert('upload_reservations', [
                'user_id' => $user->id,
                'bytes' => $bytes,
                'expires_at' => $now + 1000 * self::RESERVED_SECONDS,
            ]);
        }));
    }

    /**
     * Converts a reservation to the file it was made for. Call it inside the transaction that records the file.
     *
     * @throws UploadRefused when the reservation has expired and others have taken the space
     */
    public function redeem(User $user, ?int $reservation, int $bytes): void
    {
        if ($reservation === null) {
            return;
        }
        $this->lock($user);
        $this->release($reservation);
        $this->requireRoom($user, $bytes);
    }

    /** Ends a reservation; harmless after it was redeemed. */
    public function release(?int $reservation): void
    {
        if ($reservation !== null) {
            $this->database->forgettable(fn () => $this->database->execute('DELETE FROM upload_reservations WHERE id = ?', [$reservation]));
        }
    }

    /** Returns the latest possible end of any reservation made so far. */
    private static function latest(int $now): int
    {
        return $now + 1000 * (self::RESERVED_SECONDS + Clock::TOLERANCE_SECONDS);
    }

    private function requireRoom(User $user, int $bytes): void
    {
        $room = $this->room($user);
        if (!$room->holds($bytes)) {
            throw UploadRefused::overQuota($room, $bytes);
        }
    }

    /** Locks the user's row until the transaction ends. */
    private function lock(User $user): void
    {
        $this->database->execute('UPDATE users SET session_epoch = session_epoch WHERE id = ?', [$user->id]);
    }
}
