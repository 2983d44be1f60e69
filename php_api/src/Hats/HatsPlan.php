<?php

declare(strict_types=1);

namespace CrowdSky\Hats;

use CrowdSky\Calibrations\CalibrationChoice;
use CrowdSky\Database\Condition;
use CrowdSky\Database\Database;
use CrowdSky\Sky\CountedLight;
use CrowdSky\Sky\Viewer;
use CrowdSky\Sky\Visibility;

/**
 * Which partitions the export shall have, and what tells that one has to be built anew.
 *
 * A partition has at most a number of observations of public stacks; one with more is divided into four, down to the last
 * order. It is built anew when its epochs are others, or the calibration of one of its fields is.
 */
final class HatsPlan
{
    /** Rises when the tables get another form; then everything is built again. */
    public const LAYOUT = 1;

    /** @var array<int, int> id of the newest public calibration by field, 0 for none, and for one of which a stack was withdrawn */
    private array $calibrations = [];

    public function __construct(
        private readonly Database $database,
        private readonly CalibrationChoice $choice,
        private readonly int $mostObservations,
    ) {
    }

    /** @return array<string, array{HatsCell, string, int}> partitions in one of the first order, each with its fingerprint and observations, by name */
    public function within(HatsCell $root): array
    {
        $pixels = $this->pixels($root);
        $found = [];
        $undivided = [$root];
        while (($cell = array_shift($undivided)) !== null) {
            $inside = $this->select($pixels, $cell);
            $observations = array_sum(array_column($inside, 'observations'));
            if ($observations > $this->mostObservations && $cell->order < HatsCell::LAST_ORDER) {
                array_push($undivided, ...$cell->quarters());
            } elseif ($observations > 0) {
                $found[$cell->name()] = [$cell, $this->fingerprint($inside), $observations];
            }
        }
        return $found;
    }

    /** @return string|null what a partition is to be built of now; null when nothing public is in it */
    public function fingerprintOf(HatsCell $cell): ?string
    {
        $pixels = $this->pixels($cell);
        return $pixels === [] ? null : $this->fingerprint($pixels);
    }

    /** @return array<int, array{observations: int, epochs: string, fields: array<int, int>}> by pixel of the last order */
    private function pixels(HatsCell $cell): array
    {
        $found = [];
        $public = Condition::all(Visibility::condition(Viewer::public()), CountedLight::condition(Viewer::public()));
        foreach ($cell->skyPixels() as $nested => $ring) {
            $rows = $this->database->each(
                'SELECT h.epoch_id, h.observations, e.field_id FROM hats_epochs h JOIN epochs e ON e.id = h.epoch_id JOIN '
                . Visibility::FROM . " ON s.id = e.stack_id
                 WHERE h.sky_pixel = ? AND e.superseded_at IS NULL AND {$public->sql} ORDER BY h.epoch_id",
                [$ring, ...$public->values],
            );
            [$observations, $fields, $hash] = [0, [], hash_init('sha256')];
            foreach ($rows as $row) {
                $observations += (int) $row['observations'];
                $fields[(int) $row['field_id']] = (int) $row['field_id'];
                hash_update($hash, "{$row['epoch_id']} {$row['observations']}\n");
            }
            if ($observations > 0) {
                $found[$nested] = ['observations' => $observations, 'epochs' => hash_final($hash), 'fields' => $fields];
            }
        }
        return $found;
    }

    /**
     * @param array<int, array{observations: int, epochs: string, fields: array<int, int>}> $pixels
     * @return array<int, array{observations: int, epochs: string, fields: array<int, int>}>
     */
    private function select(array $pixels, HatsCell $cell): array
    {
        $bits = 2 * (HatsCell::LAST_ORDER - $cell->order);
        return array_filter($pixels, static fn (int $pixel): bool => $pixel >> $bits === $cell->pixel, ARRAY_FILTER_USE_KEY);
    }

    /** @param array<int, array{observations: int, epochs: string, fields: array<int, int>}> $pixels */
    private function fingerprint(array $pixels): string
    {
        ksort($pixels);
        $fields = array_replace(...array_values(array_column($pixels, 'fields')));
        ksort($fields);
        $calibrations = array_map($this->calibration(...), $fields);
        return hash('sha256', json_encode([self::LAYOUT, array_map(static fn (array $pixel): string => $pixel['epochs'], $pixels), $calibrations], JSON_THROW_ON_ERROR));
    }

    private function calibration(int $fieldId): int
    {
        return $this->calibrations[$fieldId] ??= ($this->choice->shownTo($fieldId, Viewer::public())[0] ?? null)->id ?? 0;
    }
}
