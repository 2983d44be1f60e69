<?php

declare(strict_types=1);

namespace CrowdSky\Stars;

use CrowdSky\Base\Clock;
use CrowdSky\Base\Utc;
use CrowdSky\Changes\StackChanges;
use CrowdSky\Database\Database;
use CrowdSky\Database\RowBatch;
use CrowdSky\Fits\SkyPosition;

/**
 * Writes the stars of measured stacks, and of the intervals of series, into the archive: an epoch with an observation of
 * each star, and the stars that the list does not have yet.
 */
final class EpochRegister
{
    private const OBSERVATION = [
        'star_id', 'epoch_id', 'x', 'y', 'flux_r', 'flux_g', 'flux_b', 'error_r', 'error_g', 'error_b', 'fwhm_px', 'flags',
    ];
    private const JULIAN_YEAR_SECONDS = 31557600.0;

    public function __construct(
        private readonly Database $database,
        private readonly StarRegister $stars,
        private readonly NewSourceRecords $newSources,
        private readonly StackChanges $changes,
        private readonly Clock $clock,
    ) {
    }

    /**
     * Writes an epoch once for each file: the second time nothing is written. Epochs of earlier files of the same stack and
     * part are superseded.
     *
     * @param string $sha256 of the file that was read
     * @param int $seriesSeconds 0 for the stack itself, else the length of the intervals
     * @param int $part counts the intervals from 1; 0 for the stack itself
     * @return int|null id of the epoch; null when there is no such stack any more
     */
    public function add(int $stackId, string $sha256, MeasuredStack $measured, int $seriesSeconds = 0, int $part = 0): ?int
    {
        // The file stays: after a power cut, cleanup reads it again.
        $once = fn (): ?int => $this->addOnce($stackId, $sha256, $measured, $seriesSeconds, $part);
        return $this->database->forgettable(fn (): ?int => $this->database->transaction($once));
    }

    private function addOnce(int $stackId, string $sha256, MeasuredStack $measured, int $seriesSeconds, int $part): ?int
    {
        $this->stars->lock();
        $key = [$stackId, $seriesSeconds, $part];
        $live = 'stack_id = ? AND series_seconds = ? AND part = ? AND superseded_at IS NULL';
        $known = $this->database->value("SELECT id FROM epochs WHERE $live AND source_sha256 = ?", [...$key, $sha256]);
        if ($known !== null) {
            return (int) $known;
        }
        $stack = $this->database->one('SELECT telescope, filter_name FROM stacked_frames WHERE id = ?', [$stackId]);
        if ($stack === null) {
            return null;
        }
        $now = Utc::stored($this->clock->now());
        $this->database->execute("UPDATE epochs SET superseded_at = ? WHERE $live", [$now, ...$key]);
        $columns = ['stack_id' => $stackId, 'series_seconds' => $seriesSeconds, 'part' => $part, 'source_sha256' => $sha256]
            + array_filter($stack, static fn (mixed $value): bool => $value !== null);
        $epochId = $this->write($columns, $measured, $now);
        if ($part === 0) {
            $this->changes->noteStars($stackId);
        }
        return $epochId;
    }

    /** @param array<string, mixed> $columns */
    private function write(array $columns, MeasuredStack $measured, string $now): int
    {
        $centre = $measured->stars === [] ? null : $measured->facts->centre()
            ?? SkyPosition::mean(array_map(static fn (FoundStar $star): SkyPosition => $star->position, $measured->stars));
        $epochId = $this->database->insert('epochs', $columns + [
            'field_id' => $centre === null ? null : $this->stars->fieldAt($centre, $now),
            'reason' => $measured->reason,
            'ra_deg' => $centre?->ra,
            'dec_deg' => $centre?->dec,
            'n_stars' => count($measured->stars),
            'ingested_at' => $now,
        ] + $measured->facts->columns);
        $seen = $this->observe($epochId, $columns['part'] === 0, $measured, $now);
        if ($seen !== count($measured->stars)) {
            $this->database->execute('UPDATE epochs SET n_stars = ? WHERE id = ?', [$seen, $epochId]);
        }
        return $epochId;
    }

    /**
     * @param bool $isStack whether stars are added to the list and new sources looked for; intervals of a series only have
     *     stars of their stack, and are too shallow for that
     * @return int number of stars that were observed
     */
    private function observe(int $epochId, bool $isStack, MeasuredStack $measured, string $now): int
    {
        $facts = $measured->facts;
        $matching = StarMatching::of(
            $measured->stars,
            $this->stars->near($measured->stars),
            $facts->year(),
            StarMatching::reach($measured->plateRms, $facts->seeing()),
        );
        $isNew = static fn (int $row): bool => $isStack && $matching->partners[$row] === null;
        $new = array_filter($measured->stars, $isNew, ARRAY_FILTER_USE_KEY);
        $newIds = $this->stars->add($new, $facts->year() ?? $this->thisYear(), $now);
        $batch = new RowBatch($this->database, 'star_observations', self::OBSERVATION);
        [$seen, $founded, $inCatalogues] = [0, [], []];
        foreach ($measured->stars as $row => $star) {
            $listed = $matching->partners[$row];
            $starId = $listed?->id ?? $newIds[$row] ?? null;
            if ($starId === null) {
                continue;
            }
            $seen++;
            if ($listed === null) {
                $founded[$starId] = $star;
            } else {
                $this->stars->complete($listed, $star, $facts->year());
                if ($star->gaiaId !== null || $star->isInCatalogue) {
                    $inCatalogues[] = $starId;
                }
            }
            $flags = $star->flags | ($matching->ambiguous[$row] ? StarFlag::AMBIGUOUS : 0);
            $batch->add([$starId, $epochId, $star->x, $star->y, ...array_values($star->fluxes), ...array_values($star->errors), $star->fwhm, $flags]);
        }
        $batch->flush();
        $this->newSources->forget($inCatalogues);
        if ($isStack) {
            $this->newSources->look($epochId, $founded, $measured);
        }
        return $seen;
    }

    /** Year of stars whose stack has no time: without a motion, it does not matter. */
    private function thisYear(): float
    {
        return 1970.0 + $this->clock->now()->getTimestamp() / self::JULIAN_YEAR_SECONDS;
    }
}
