<?php

declare(strict_types=1);

namespace CrowdSky\Sky;

use CrowdSky\Accounts\DataKey;
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

    /** What an owner sees without an admin's rights. */
    public static function owner(int $userId): self
    {
        return new self($userId, false);
    }

    /** @param User|null $user null without a login */
    public static function of(?User $user): self
    {
        return $user === null ? self::public() : new self($user->id, $user->isAdmin());
    }

    /**
     * A program with a data key: it sees what the owner of the key sees, without an admin's rights, and with a service
     * key what its scopes allow.
     *
     * @param DataKey|null $key null without a key
     */
    public static function ofKey(?DataKey $key): self
    {
        return $key === null ? self::public() : new self($key->userId, $key->readsAll());
    }

    public function owns(int $ownerId): bool
    {
        return $this->userId === $ownerId;
    }
}
