<?php

declare(strict_types=1);

namespace CrowdSky\Stars;

use CrowdSky\Database\Database;
use CrowdSky\Database\RowBatch;
use CrowdSky\Fits\SkyPosition;
use CrowdSky\Measurements\PlateSolution;
use CrowdSky\Measurements\TanProjection;

/**
 * Writes down which stars may be new: an epoch shows one that no earlier epoch of the field has, although at least two of
 * them cover its place and go half a magnitude deeper.
 *
 * Whether it is listed for people is decided when they look, from the stacks that they see: see LightCurves\NewSources.
 */
final class NewSourceRecords
{
    private const LEAST_EARLIER = 2;
    /** Earlier epochs that are kept of each owner, the latest: who sees one owner's stacks needs two of them. */
    private const KEPT_OF_OWNER = 10;
    /** Earlier epochs of a field that are looked at. */
    private const LATEST = 300;
    private const MARGIN_MAG = 0.5;
    private const EDGE_DEG = 0.05;
    /** Around a star that is saturated or this much brighter lie pieces of its halo and its spikes. */
    private const BRIGHTER = 100.0;
    private const HALO_ARCSEC = 60.0;
    private const UNSURE = StarFlag::SATURATED | StarFlag::EDGE | StarFlag::DETECTION | StarFlag::NOT_POSITIVE;

    private const PLATE = 'm.solver, m.verdict, m.catalogue, m.ra_center_deg, m.dec_center_deg, m.scale_arcsec, m.rotation_deg, m.parity,
        m.field_width_deg, m.field_height_deg, m.rms_arcsec, m.n_matched, m.n_catalogue, m.seconds, m.wcs';

    public function __construct(private readonly Database $database)
    {
    }

    /** @param list<int> $starIds of stars that a catalogue has */
    public function forget(array $starIds): void
    {
        foreach (array_chunk($starIds, 500) as $batch) {
            $this->database->execute('DELETE FROM new_sources WHERE star_id IN (' . implode(', ', $batch) . ')');
        }
    }

    /**
     * Call it in the transaction that writes the epoch.
     *
     * @param array<int, FoundStar> $founded by the id that they got in the list
     */
    public function look(int $epochId, array $founded, MeasuredStack $measured): void
    {
        $zeroPoint = $measured->facts->number('zero_point_g');
        $time = $measured->facts->number('mjd_utc');
        $suspects = $zeroPoint === null || $time === null ? [] : self::suspects($founded, $measured);
        $mags = array_map(static fn (FoundStar $star): float => (float) $zeroPoint - 2.5 * log10((float) $star->light()), $suspects);
        $earlier = $mags === [] ? [] : $this->earlier($epochId, (float) $time, min($mags) + self::MARGIN_MAG);
        foreach ($mags as $starId => $mag) {
            $covering = self::covering($earlier, $suspects[$starId]->position, $mag);
            if (count($covering) >= self::LEAST_EARLIER) {
                $this->database->insert('new_sources', ['star_id' => $starId, 'epoch_id' => $epochId, 'mag' => $mag]);
                $batch = new RowBatch($this->database, 'new_source_epochs', ['star_id', 'epoch_id']);
                array_map(static fn (int $id) => $batch->add([$starId, $id]), $covering);
                $batch->flush();
            }
        }
    }

    /**
     * @param array<int, FoundStar> $founded by id
     * @return array<int, FoundStar> those of which nothing says that they are an artefact, or known
     */
    private static function suspects(array $founded, MeasuredStack $measured): array
    {
        $isClean = static fn (FoundStar $star): bool
            => $star->gaiaId === null && !$star->isInCatalogue && ($star->flags & self::UNSURE) === 0 && $star->light() > 0.0;
        $clean = array_filter($founded, $isClean);
        $least = min([INF, ...array_map(static fn (FoundStar $star): float => (float) $star->light(), array_values($clean))]);
        $isSaturated = static fn (FoundStar $star): bool => ($star->flags & StarFlag::SATURATED) !== 0;
        $bright = array_filter(
            $measured->stars,
            static fn (FoundStar $star): bool => $isSaturated($star) || $star->light() > self::BRIGHTER * $least,
        );
        $reach = self::HALO_ARCSEC / ($measured->facts->number('scale_arcsec') ?? INF);
        $isInHalo = static function (FoundStar $star) use ($bright, $isSaturated, $reach): bool {
            foreach ($bright as $other) {
                $isNear = abs($other->x - $star->x) < $reach && hypot($other->x - $star->x, $other->y - $star->y) < $reach;
                if ($isNear && ($isSaturated($other) || $other->light() > self::BRIGHTER * $star->light())) {
                    return true;
                }
            }
            return false;
        };
        return array_filter($clean, static fn (FoundStar $star): bool => !$isInHalo($star));
    }

    /**
     * Epochs of the same field that were taken before and are deep enough, the latest first.
     *
     * @return list<array{id: int, owner: int, limit: float, plate: TanProjection, width: float, height: float, edge: float}>
     */
    private function earlier(int $epochId, float $time, float $limit): array
    {
        $rows = $this->database->all(
            'SELECT e.id, s.user_id, e.limiting_mag, ' . self::PLATE . ' FROM epochs t
               JOIN epochs e ON e.field_id = t.field_id AND e.mjd_utc < ?
               JOIN stacked_frames s ON s.id = e.stack_id
               JOIN stack_solutions m ON m.stack_id = e.stack_id AND m.solved = 1
              WHERE t.id = ? AND e.series_seconds = 0 AND e.superseded_at IS NULL AND e.limiting_mag >= ?
              ORDER BY e.mjd_utc DESC LIMIT ' . self::LATEST,
            [$time, $epochId, $limit],
        );
        $epochs = [];
        foreach ($rows as $row) {
            $solution = PlateSolution::fromRow($row);
            $plate = TanProjection::of($solution);
            [$width, $height] = [$solution->wcs['width'] ?? null, $solution->wcs['height'] ?? null];
            if ($plate !== null && $width !== null && $height !== null) {
                $epochs[] = [
                    'id' => (int) $row['id'], 'owner' => (int) $row['user_id'], 'limit' => (float) $row['limiting_mag'], 'plate' => $plate,
                    'width' => (float) $width, 'height' => (float) $height, 'edge' => self::EDGE_DEG * 3600.0 / $solution->scale,
                ];
            }
        }
        return $epochs;
    }

    /**
     * @param list<array{id: int, owner: int, limit: float, plate: TanProjection, width: float, height: float, edge: float}> $epochs
     * @return list<int> ids of those that would have shown it
     */
    private static function covering(array $epochs, SkyPosition $place, float $mag): array
    {
        [$ids, $ofOwner] = [[], []];
        foreach ($epochs as $epoch) {
            $pixel = $epoch['limit'] >= $mag + self::MARGIN_MAG ? $epoch['plate']->pixelOf($place) : null;
            $kept = $ofOwner[$epoch['owner']] ?? 0;
            if ($pixel === null || $kept >= self::KEPT_OF_OWNER) {
                continue;
            }
            [$x, $y] = $pixel;
            $edge = $epoch['edge'];
            if ($x >= $edge && $y >= $edge && $x <= $epoch['width'] - 1.0 - $edge && $y <= $epoch['height'] - 1.0 - $edge) {
                $ids[] = $epoch['id'];
                $ofOwner[$epoch['owner']] = $kept + 1;
            }
        }
        return $ids;
    }
}
