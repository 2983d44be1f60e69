<?php

declare(strict_types=1);

namespace CrowdSky\Calibrations;

use CrowdSky\Database\Database;
use CrowdSky\Database\RowBatch;

/** The rows of published calibrations. They are written once, and never changed. */
final class CalibrationRegister
{
    public function __construct(private readonly Database $database)
    {
    }

    /** Hash of the file that a job has sent; null until it is published. */
    public function sentBy(int $jobId): ?string
    {
        return $this->database->value('SELECT sent_sha256 FROM calibrations WHERE job_id = ?', [$jobId]);
    }

    /**
     * Call it inside a transaction.
     *
     * @param array<string, mixed> $columns of calibrations that do not follow from the order
     * @param Renumbering|null $numbers of what the file names by the numbers of another database; null for those of this one
     * @throws \CrowdSky\Database\DuplicateKey when the scope has this version
     */
    public function publish(CalibrationOrder $order, array $columns, CalibrationFile $file, ?Renumbering $numbers = null): void
    {
        $id = $this->database->insert('calibrations', [
            'field_id' => $order->scope->fieldId,
            'owner_id' => $order->scope->ownerId,
            'version' => $order->version,
            'fingerprint' => $order->fingerprint,
            'catalogue' => $file->catalogue,
            'model' => $file->modelText,
            'copies' => $order->copies === [] ? null : json_encode(array_keys($order->copies), JSON_THROW_ON_ERROR),
        ] + $columns);
        $this->fill('epoch_zero_points', [
            'epoch_id', 'band', 'zero_point', 'zero_point_error', 'colour_term', 'u_term', 'v_term', 'uu_term', 'uv_term', 'vv_term', 'floor_mag', 'n_stars',
        ], $id, $numbers?->ofEpochs($file->zeroPoints()) ?? $file->zeroPoints());
        $this->fill('star_calibrations', [
            'star_id', 'band', 'mag', 'mag_error', 'colour', 'n_epochs', 'scatter_mag', 'chi2', 'extra_mag', 'flags',
        ], $id, $numbers?->ofStars($file->stars()) ?? $file->stars());
        $this->fill('variable_candidates', [
            'star_id', 'band', 'kind', 'score', 'excess_mag', 'n_points', 'n_nights', 'amplitude_mag', 'period_d', 'period_error_d', 'period_fap',
            't0_bjd', 'depth_mag', 'duration_d', 'trend_mag_per_d', 'bright_epoch_id', 'faint_epoch_id', 'amplitude_error_mag', 'remark',
        ], $id, self::withoutZeros($numbers?->ofStars($file->variables()) ?? $file->variables()));
    }

    /**
     * Removes versions that are not the newest of their field and scope; their files stay in storage.
     *
     * @param string $before stored time; those that were published earlier
     * @return int number of versions
     */
    public function dropOld(string $before): int
    {
        $old = $this->database->all(
            'SELECT id FROM calibrations WHERE created_at < ? AND version <
                (SELECT MAX(n.version) FROM calibrations n WHERE n.field_id = calibrations.field_id AND n.owner_id = calibrations.owner_id)',
            [$before],
        );
        foreach ($old as $row) {
            // One by one: each has thousands of rows in other tables, which go with it.
            $this->database->execute('DELETE FROM calibrations WHERE id = ?', [$row['id']]);
        }
        return count($old);
    }

    /**
     * @param list<string> $columns in the order of the values of a row
     * @param iterable<array<string, mixed>> $rows
     */
    private function fill(string $table, array $columns, int $id, iterable $rows): void
    {
        $batch = new RowBatch($this->database, $table, ['calibration_id', ...$columns]);
        foreach ($rows as $row) {
            $batch->add([$id, ...array_values($row)]);
        }
        $batch->flush();
    }

    /**
     * @param iterable<array<string, mixed>> $variables in which an epoch of 0 and an empty remark stand for none
     * @return \Generator<array<string, mixed>>
     */
    private static function withoutZeros(iterable $variables): \Generator
    {
        foreach ($variables as $row) {
            yield array_replace($row, ['BRIGHT' => $row['BRIGHT'] ?: null, 'FAINT' => $row['FAINT'] ?: null, 'REMARK' => $row['REMARK'] ?: null]);
        }
    }
}
