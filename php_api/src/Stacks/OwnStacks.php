<?php

declare(strict_types=1);

namespace CrowdSky\Stacks;

use CrowdSky\Base\Refusal;
use CrowdSky\Chunks\SoughtKey;
use CrowdSky\Database\Database;

/**
 * A user's own stacks as their programs see them. Damaged ones are not among them, so that a program which sends what is
 * missing sends them again, and the upload repairs them.
 */
final class OwnStacks
{
    private const COLUMNS = 'id, chunk_key_hp, object_name, telescope, filter_name, date_obs_start, date_obs_end, ra_deg, dec_deg,
        n_frames_input, n_frames_aligned, file_size_bytes, total_exptime, created_at';

    public function __construct(private readonly Database $database)
    {
    }

    /**
     * Reads them one by one: somebody may have very many.
     *
     * @param string|null $object exactly this object's only
     * @return \Generator<array<string, mixed>> rows of stacked_frames, latest observation first
     */
    public function rows(int $userId, ?string $object): \Generator
    {
        $condition = $object === null ? '' : ' AND object_name = ?';

        return $this->database->each(
            'SELECT ' . self::COLUMNS . " FROM stacked_frames WHERE user_id = ? AND damaged_at IS NULL$condition ORDER BY date_obs_start DESC, id DESC",
            $object === null ? [$userId] : [$userId, $object]
        );
    }

    /**
     * Returns the newest stack with a key.
     *
     * @param int|null $id of the stack, where several have the key
     * @throws Refusal when there is none
     */
    public function withKey(int $userId, string $key, ?int $id): Stack
    {
        $labels = SoughtKey::of($key)->labels;
        $marks = implode(', ', array_fill(0, count($labels), '?'));

        return $this->newest($userId, "(s.chunk_key IN ($marks) OR s.chunk_key_hp IN ($marks))" . ($id === null ? '' : ' AND s.id = ?'), [
            ...$labels,
            ...$labels,
            ...($id === null ? [] : [$id]),
        ]) ?? throw Refusal::notFound('You have no stack with this key');
    }

    /** @throws Refusal when there is no such stack, or it is somebody else's */
    public function get(int $userId, int $id): Stack
    {
        return $this->newest($userId, 's.id = ?', [$id]) ?? throw Refusal::notFound("You have no stack $id");
    }

    /** @param list<mixed> $values of the condition */
    private function newest(int $userId, string $condition, array $values): ?Stack
    {
        $row = $this->database->one(
            "SELECT s.*, o.stacks_public, m.solved FROM stacked_frames s JOIN users o ON o.id = s.user_id
               LEFT JOIN stack_solutions m ON m.stack_id = s.id
              WHERE s.user_id = ? AND s.damaged_at IS NULL AND $condition ORDER BY s.id DESC LIMIT 1",
            [$userId, ...$values]
        );

        return $row === null ? null : Stack::fromRow($row);
    }
}
