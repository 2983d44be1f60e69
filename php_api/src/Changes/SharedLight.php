<?php

declare(strict_types=1);

namespace CrowdSky\Changes;

use CrowdSky\Database\Database;

/**
 * Writes down which stacks show the light of others, and which of them count for whom.
 *
 * Two stacks share light if they were made of the same subs: the same file, or the same pixels. It is decided when a stack
 * comes, goes, is measured or is seen by others, so that no query has to look for it. What a viewer sees is decided from the
 * stacks that this viewer sees alone, so that a private copy changes nothing for others. Call it in the transaction of the
 * change.
 */
final class SharedLight
{
    /** Viewers that are no user. */
    public const PUBLIC = 0;
    public const SEES_ALL = -1;

    private const BATCH = 500;
    /** Subs that are in a stack as far as the site knows: the worker may have left out some of them. */
    private const IN_STACK = 'left_out IS NULL AND %1$s.lost_at IS NULL';

    public function __construct(private readonly Database $database)
    {
    }

    /**
     * Decides anew for these stacks and all that share light with them.
     *
     * @param list<int> $stackIds
     * @return list<int> stacks for which something has changed
     */
    public function settle(array $stackIds): array
    {
        [$changed, $done] = [[], []];
        foreach ($stackIds as $id) {
            if (!isset($done[$id])) {
                $together = $this->together($id);
                $done += array_fill_keys($together, true);
                array_push($changed, ...$this->decide($together));
            }
        }

        return array_values(array_unique($changed));
    }

    /** @return list<int> stacks that share light with one, without it */
    public function partners(int $stackId): array
    {
        return array_values(array_diff($this->together($stackId), [$stackId]));
    }

    /** @return list<int> stacks of a user that share light with others */
    public function ofUser(int $userId): array
    {
        return array_map(intval(...), $this->database->column('SELECT id FROM stacked_frames WHERE user_id = ? AND shares_light = 1', [$userId]));
    }

    /** @return list<int> stacks that nobody has looked at yet, since they are older than this; the first ones */
    public function unknown(int $limit): array
    {
        return array_map(intval(...), $this->database->column("SELECT id FROM stacked_frames WHERE shares_light = -1 ORDER BY id LIMIT $limit"));
    }

    /** @return list<int> the stack, and all that it shares light with by itself or by others */
    private function together(int $stackId): array
    {
        [$found, $next] = [[$stackId => true], [$stackId]];
        while ($next !== []) {
            $beside = $this->beside(array_shift($next));
            array_push($next, ...array_diff($beside, array_keys($found)));
            $found += array_fill_keys($beside, true);
        }
        ksort($found);

        return array_keys($found);
    }

    /** @return list<int> stacks of which a sub is in this one, and those that were left out for it, or it for them */
    private function beside(int $stackId): array
    {
        $same = static fn (string $column): string => "SELECT o.id FROM stacked_frames s JOIN raw_files f ON f.job_id = s.job_id
            JOIN raw_files n ON n.$column = f.$column AND n.job_id <> f.job_id JOIN stacked_frames o ON o.job_id = n.job_id
            WHERE s.id = ? AND f." . sprintf(self::IN_STACK, 'f') . ' AND n.' . sprintf(self::IN_STACK, 'n');
        $sql = "{$same('sha256')} UNION {$same('pixel_mark')} UNION SELECT stack_id FROM light_choices WHERE light_in = ?
            UNION SELECT light_in FROM light_choices WHERE stack_id = ? AND light_in IS NOT NULL";

        return array_map(intval(...), $this->database->column($sql, array_fill(0, 4, $stackId)));
    }

    /**
     * @param non-empty-list<int> $ids of stacks that share light
     * @return list<int> those for which something has changed
     */
    private function decide(array $ids): array
    {
        $stacks = count($ids) > 1 ? $this->read($ids) : [];
        $stacks = count($stacks) > 1 ? $stacks : [];
        $before = $this->choices($ids);
        $after = $this->chosen($stacks);
        if ($before != $after) {
            $this->write($ids, $after);
        }
        $state = $stacks === [] ? 'shares_light = 0, public_rank = NULL' : 'shares_light = 1';
        foreach (array_chunk($ids, self::BATCH) as $batch) {
            $list = implode(', ', $batch);
            $this->database->execute("UPDATE stacked_frames SET $state WHERE id IN ($list) AND shares_light <> ?", [(int) ($stacks !== [])]);
        }

        return $before == $after ? [] : $ids;
    }

    /**
     * @param non-empty-list<int> $ids
     * @return list<LightStack>
     */
    private function read(array $ids): array
    {
        $rows = [];
        foreach (array_chunk($ids, self::BATCH) as $batch) {
            $list = implode(', ', $batch);
            array_push($rows, ...$this->database->all(
                'SELECT s.id, s.job_id, s.user_id, s.public_rank, CASE WHEN ' . PublicStacks::CONDITION . " THEN 1 ELSE 0 END AS is_public,
                    CASE WHEN EXISTS (SELECT 1 FROM epochs e WHERE e.stack_id = s.id AND e.series_seconds = 0 AND e.superseded_at IS NULL
                        AND e.reason IS NULL AND e.n_stars > 0) THEN 1 ELSE 0 END AS has_stars
                   FROM stacked_frames s WHERE s.id IN ($list) ORDER BY s.id",
            ));
        }
        $subs = $this->subs(array_map(intval(...), array_column($rows, 'job_id')));

        return array_map(fn (array $row): LightStack => new LightStack(
            id: (int) $row['id'],
            ownerId: (int) $row['user_id'],
            isPublic: (bool) $row['is_public'],
            hasStars: (bool) $row['has_stars'],
            publicRank: $this->rank($row),
            subs: $subs[(int) $row['job_id']] ?? [],
        ), $rows);
    }

    /**
     * Since when a stack is public, as its place among those that share light.
     *
     * @param array<string, mixed> $row
     */
    private function rank(array $row): ?int
    {
        $known = $row['public_rank'] === null ? null : (int) $row['public_rank'];
        if ((bool) $row['is_public'] === ($known !== null)) {
            return $known;
        }
        $rank = $known === null ? 1 + (int) $this->database->value('SELECT MAX(public_rank) FROM stacked_frames WHERE shares_light = 1') : null;
        $this->database->execute('UPDATE stacked_frames SET public_rank = ?, shares_light = 1 WHERE id = ?', [$rank, $row['id']]);

        return $rank;
    }

    /**
     * @param list<int> $jobIds
     * @return array<int, array<int, true>> numbers of the subs of each job; the same light has the same number
     */
    private function subs(array $jobIds): array
    {
        [$subs, $numbers] = [[], []];
        foreach (array_chunk($jobIds, self::BATCH) as $batch) {
            $rows = $this->database->all('SELECT f.id, f.job_id, f.sha256, f.pixel_mark FROM raw_files f WHERE f.job_id IN (' . implode(', ', $batch)
                . ') AND f.' . sprintf(self::IN_STACK, 'f') . ' ORDER BY f.id');
            foreach ($rows as $row) {
                $file = "file {$row['sha256']}";
                $pixels = $row['pixel_mark'] === null ? $file : "pixels {$row['pixel_mark']}";
                $number = $numbers[$file] ?? $numbers[$pixels] ?? (int) $row['id'];
                $numbers += [$file => $number, $pixels => $number];
                $subs[(int) $row['job_id']][$number] = true;
            }
        }

        return $subs;
    }

    /**
     * @param list<LightStack> $stacks
     * @return array<string, array{int, int, ?int, float}> stack, viewer, the stack that has its light, and the share that is repeated
     */
    private function chosen(array $stacks): array
    {
        $public = array_values(array_filter($stacks, static fn (LightStack $one): bool => $one->isPublic));
        $chosen = self::rows(self::PUBLIC, LightChoice::of($public, null)) + self::rows(self::SEES_ALL, LightChoice::of($stacks, null));
        foreach (array_unique(array_column($stacks, 'ownerId')) as $owner) {
            $seen = array_values(array_filter($stacks, static fn (LightStack $one): bool => $one->isPublic || $one->ownerId === $owner));
            $chosen += self::rows($owner, LightChoice::of($seen, $owner));
        }
        ksort($chosen);

        return $chosen;
    }

    /**
     * @param array<int, array{?int, float}> $choices by stack
     * @return array<string, array{int, int, ?int, float}>
     */
    private static function rows(int $viewerId, array $choices): array
    {
        $rows = [];
        foreach ($choices as $stackId => [$lightIn, $repeated]) {
            $rows["$stackId $viewerId"] = [$stackId, $viewerId, $lightIn, $repeated];
        }

        return $rows;
    }

    /**
     * @param non-empty-list<int> $ids
     * @return array<string, array{int, int, ?int, float}> as they are stored
     */
    private function choices(array $ids): array
    {
        $stored = [];
        foreach (array_chunk($ids, self::BATCH) as $batch) {
            foreach ($this->database->all('SELECT * FROM light_choices WHERE stack_id IN (' . implode(', ', $batch) . ')') as $row) {
                [$stack, $viewer] = [(int) $row['stack_id'], (int) $row['viewer_id']];
                $stored["$stack $viewer"] = [$stack, $viewer, $row['light_in'] === null ? null : (int) $row['light_in'], (float) $row['repeated']];
            }
        }
        ksort($stored);

        return $stored;
    }

    /**
     * @param non-empty-list<int> $ids
     * @param array<string, array{int, int, ?int, float}> $chosen
     */
    private function write(array $ids, array $chosen): void
    {
        foreach (array_chunk($ids, self::BATCH) as $batch) {
            $this->database->execute('DELETE FROM light_choices WHERE stack_id IN (' . implode(', ', $batch) . ')');
        }
        foreach ($chosen as [$stack, $viewer, $lightIn, $repeated]) {
            $this->database->execute('INSERT INTO light_choices (stack_id, viewer_id, light_in, repeated) VALUES (?, ?, ?, ?)', [$stack, $viewer, $lightIn, $repeated]);
        }
    }
}
