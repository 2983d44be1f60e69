<?php

declare(strict_types=1);

namespace CrowdSky\Raws;

use CrowdSky\Base\Refusal;
use CrowdSky\Database\Database;

/**
 * Whether everybody who works on the subs of a telescope may read where it stood, as its owner says. Without a choice for
 * the telescope, that of the account counts.
 */
final class TelescopePositions
{
    /** Whether the position of a frame may be read, from the tables `users` u and `telescope_positions` p. */
    public const IS_SHARED = 'COALESCE(p.is_shared, u.share_position)';
    /** Joins the choice to frames `raw_files` r. */
    public const JOIN = "LEFT JOIN telescope_positions p ON p.user_id = r.user_id AND p.telescope = COALESCE(r.telescope, '')";

    private const MAX_NAME = 64;
    /** Telescopes that an owner may have a choice for. */
    private const MOST = 200;

    public function __construct(private readonly Database $database)
    {
    }

    /** @return array<string, bool> whether it is shared, by the telescopes that the owner has a choice for */
    public function chosen(int $userId): array
    {
        $rows = $this->database->all('SELECT telescope, is_shared FROM telescope_positions WHERE user_id = ? ORDER BY telescope', [$userId]);

        return array_map(boolval(...), array_column($rows, 'is_shared', 'telescope'));
    }

    /**
     * The telescopes of which an owner has uploaded subs, or made a choice before uploading any.
     *
     * @return array<string, bool|null> the choice by TELESCOP, which may be empty; null where the account decides
     */
    public function ofOwner(int $userId): array
    {
        $rows = $this->database->all(
            "SELECT DISTINCT COALESCE(telescope, '') AS telescope FROM raw_files WHERE user_id = ? AND is_stack = 0",
            [$userId]
        );
        $all = $this->chosen($userId) + array_fill_keys(array_map(strval(...), array_column($rows, 'telescope')), null);
        ksort($all, SORT_STRING);

        return $all;
    }

    /**
     * Sets the choice as forms send it.
     *
     * @param string|null $isShared 1, 0, or empty where the account shall decide
     * @throws Refusal for anything else, and as set()
     */
    public function choose(int $userId, string $telescope, ?string $isShared): void
    {
        $this->set($userId, $telescope, match ($isShared) {
            '1' => true,
            '0' => false,
            '' => null,
            default => throw Refusal::badInput("'is_shared' must be 1, 0, or empty where the account decides")->at('is_shared'),
        });
    }

    /**
     * Sets the choice; it counts for subs that are handed out from now on.
     *
     * @param bool|null $isShared null where the account shall decide
     * @throws Refusal for a name that no telescope has, or a choice too many
     */
    public function set(int $userId, string $telescope, ?bool $isShared): void
    {
        if (mb_strlen($telescope) > self::MAX_NAME || preg_match('/[\x00-\x1f\x7f]/', $telescope) === 1 || !mb_check_encoding($telescope, 'UTF-8')) {
            throw Refusal::badInput("'telescope' must be the name of a telescope of at most " . self::MAX_NAME . ' characters');
        }
        $this->database->transaction(function () use ($userId, $telescope, $isShared): void {
            $this->database->execute('DELETE FROM telescope_positions WHERE user_id = ? AND telescope = ?', [$userId, $telescope]);
            if ($isShared === null) {
                return;
            }
            if ($this->database->value('SELECT COUNT(*) FROM telescope_positions WHERE user_id = ?', [$userId]) >= self::MOST) {
                throw Refusal::conflict('There are choices for ' . self::MOST . ' telescopes already. Remove one on the page Account.');
            }
            $this->database->execute(
                'INSERT INTO telescope_positions (user_id, telescope, is_shared) VALUES (?, ?, ?)',
                [$userId, $telescope, (int) $isShared]
            );
        });
    }
}
