<?php

declare(strict_types=1);

namespace CrowdSky\Stars;

use CrowdSky\Database\Database;
use CrowdSky\Database\DuplicateKey;
use CrowdSky\Database\RowBatch;
use CrowdSky\Fits\SkyPosition;
use CrowdSky\Results\StackIndex;
use CrowdSky\Sky\Cone;

/**
 * The archive's own list of stars, and the fields in which they are calibrated together.
 *
 * Everything that adds to it first takes its lock, in the transaction that adds: two stacks of one place that are
 * completed at once would else both add its stars.
 */
final class StarRegister
{
    /** Degrees from the centre of a field to those of its stacks. */
    public const FIELD_REACH = 0.75;
    /** How far from its place in the list a star may have moved, degrees: 10 arcsec a year for 36 years. */
    private const FARTHEST_MOVED = 0.1;
    private const STAR = [
        'id', 'ra_deg', 'dec_deg', 'sky_pixel', 'sky_x', 'sky_y', 'sky_z', 'position_year', 'pm_ra_mas', 'pm_dec_mas', 'gaia_id', 'created_at',
    ];
    private const TOUCH = 'UPDATE star_list SET changes = changes + 1 WHERE id = 1';

    public function __construct(private readonly Database $database)
    {
    }

    /** Makes all others who add stars wait until the transaction ends. */
    public function lock(): void
    {
        if (!$this->database->inTransaction()) {
            throw new \LogicException('The list of stars can be locked in a transaction only');
        }
        if ($this->database->execute(self::TOUCH) === 1) {
            return;
        }
        try {
            $this->database->insert('star_list', ['id' => 1, 'changes' => 1]);
        } catch (DuplicateKey) {
            // Another process was first, and has ended its transaction by now.
            $this->database->execute(self::TOUCH);
        }
    }

    /** @return int id of the field of a stack with this centre, which is founded if there is none; call lock() before */
    public function fieldAt(SkyPosition $centre, string $now): int
    {
        $near = Cone::of($centre->ra, $centre->dec, self::FIELD_REACH)->condition();
        $nearest = [INF, null];
        foreach ($this->database->all("SELECT s.id, s.ra_deg, s.dec_deg FROM sky_fields s WHERE {$near->sql} ORDER BY s.id", $near->values) as $row) {
            $distance = SkyPosition::fromDegrees((float) $row['ra_deg'], (float) $row['dec_deg'])?->distanceTo($centre) ?? INF;
            $nearest = $distance < $nearest[0] ? [$distance, (int) $row['id']] : $nearest;
        }
        return $nearest[1] ?? $this->database->insert('sky_fields', self::place($centre) + ['created_at' => $now]);
    }

    /**
     * The stars of the list that stars of a stack may be.
     *
     * @param list<FoundStar> $found
     * @return list<ListedStar>
     */
    public function near(array $found): array
    {
        if ($found === []) {
            return [];
        }
        $places = array_map(static fn (FoundStar $star): SkyPosition => $star->position, $found);
        $centre = SkyPosition::mean($places);
        $radius = max(array_map(static fn (SkyPosition $place): float => $place->distanceTo($centre), $places));
        $cone = Cone::of($centre->ra, $centre->dec, min(180.0, $radius + self::FARTHEST_MOVED))->condition();
        $rows = $this->database->all("SELECT s.* FROM stars s WHERE {$cone->sql} ORDER BY s.id", $cone->values);
        return array_map(ListedStar::fromRow(...), $rows);
    }

    /**
     * Adds stars; call lock() before.
     *
     * @template K of int
     * @param array<K, FoundStar> $stars
     * @return array<K, int> their ids, by the same keys
     */
    public function add(array $stars, float $year, string $now): array
    {
        if ($stars === []) {
            return [];
        }
        $last = (int) $this->database->value('SELECT last_star FROM star_list WHERE id = 1');
        $last = max($last, (int) $this->database->value('SELECT MAX(id) FROM stars'));
        $batch = new RowBatch($this->database, 'stars', self::STAR);
        $ids = [];
        foreach ($stars as $row => $star) {
            $ids[$row] = ++$last;
            $place = array_values(self::place($star->position));
            $batch->add([$last, ...$place, $year, $star->pmRa, $star->pmDec, $star->gaiaId, $now]);
        }
        $batch->flush();
        $this->database->execute('UPDATE star_list SET last_star = ? WHERE id = 1', [$last]);
        return $ids;
    }

    /** Writes down what a stack knows of a listed star and the list does not: its Gaia id and its motion, with a place of that time. */
    public function complete(ListedStar $listed, FoundStar $star, ?float $year): void
    {
        $isSame = $listed->gaiaId === null || $listed->gaiaId === $star->gaiaId;
        if ($star->gaiaId === null || !$isSame) {
            return;
        }
        $learnsMotion = !$listed->hasMotion() && $star->pmRa !== null && $year !== null;
        if ($listed->gaiaId === null || $learnsMotion) {
            $this->database->execute('UPDATE stars SET gaia_id = ? WHERE id = ?', [$star->gaiaId, $listed->id]);
        }
        if ($learnsMotion) {
            $changes = self::place($star->position) + ['position_year' => $year, 'pm_ra_mas' => $star->pmRa, 'pm_dec_mas' => $star->pmDec];
            $sets = implode(', ', array_map(static fn (string $column): string => "$column = :$column", array_keys($changes)));
            $this->database->execute("UPDATE stars SET $sets WHERE id = :id", $changes + ['id' => $listed->id]);
        }
    }

    /**
     * Removes stars that no epoch has any more, from the id on where the last call ended, and from the first again.
     *
     * @param int $limit number of stars that are looked at
     * @return int number of stars that were removed
     */
    public function forgetUnseen(int $limit): int
    {
        return $this->database->transaction(function () use ($limit): int {
            $this->lock();
            $from = (int) $this->database->value('SELECT checked_to FROM star_list WHERE id = 1');
            $ids = array_map('intval', array_column(
                $this->database->all("SELECT id FROM stars WHERE id > ? ORDER BY id LIMIT $limit", [$from]),
                'id',
            ));
            $to = count($ids) < $limit ? 0 : end($ids);
            $this->database->execute('UPDATE star_list SET checked_to = ? WHERE id = 1', [$to]);
            return $ids === [] ? 0 : $this->database->execute(
                'DELETE FROM stars WHERE id BETWEEN ? AND ? AND NOT EXISTS (SELECT 1 FROM star_observations o WHERE o.star_id = stars.id)',
                [$ids[0], end($ids)],
            );
        });
    }

    /** @return array<string, int|float|null> */
    private static function place(SkyPosition $position): array
    {
        return ['ra_deg' => $position->ra, 'dec_deg' => $position->dec] + StackIndex::place($position->ra, $position->dec);
    }
}
