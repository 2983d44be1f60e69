<?php

declare(strict_types=1);

namespace CrowdSky\Sky;

use CrowdSky\Accounts\User;

/** For whom stacks are looked up: an owner, somebody who may see all, or the public. */
final class Viewer
{
    private function __construct(
        /** whose private stacks are visible too; null for nobody's */
        public readonly ?int $userId,
        /** whether the private stacks of all owners are visible */
        public readonly bool $seesAll,
    ) {
    }

    /** Anybody, without login or key. */
    public static function public(): self
    {
        return new self(null, false);
    }

    /** @param User|null $user null without a login */
    public static function of(?User $user): self
    {
        return $user === null ? self::public() : new self($user->id, $user->isAdmin());
    }

    /** A user's own programs: they see what their owner sees, without the rights of an admin. */
    public static function ownerOf(int $userId): self
    {
        return new self($userId, false);
    }

    /** A program of the operator that reads every stack. */
    public static function everything(): self
    {
        return new self(null, true);
    }

    public function owns(int $ownerId): bool
    {
        return $this->userId === $ownerId;
    }
}
