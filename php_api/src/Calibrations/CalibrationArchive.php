<?php

declare(strict_types=1);

namespace CrowdSky\Calibrations;

use CrowdSky\Database\Database;
use CrowdSky\Fits\TableWriter;
use CrowdSky\Results\StackVerifier;
use CrowdSky\Storage\ObjectExists;
use CrowdSky\Storage\ObjectStorage;
use CrowdSky\Storage\Spool;
use CrowdSky\Storage\SpooledFile;

/**
 * Stores calibrations as files, beside the stacks. To what the worker sent, the site adds two tables: the stack behind each
 * epoch by its hash, and the position of each star. So they can be read without the database, whose numbers they have.
 */
final class CalibrationArchive
{
    public const EPOCHS = ['EPOCH_ID' => 'K', 'STACK' => '64A', 'SERIES' => 'J', 'PART' => 'J', 'MJD' => 'D'];
    /** The epoch that already has the light of this one; 0 if its own light counts. Older files have no such column. */
    public const LIGHT_IN = 'LIGHT_IN';
    public const STARS = ['STAR_ID' => 'K', 'RA' => 'D', 'DEC' => 'D', 'YEAR' => 'D', 'GAIA_ID' => 'K'];
    private const BATCH = 500;
    /** Bytes of a row of either table, at most. */
    private const ROW_BYTES = 96;

    public function __construct(
        private readonly Database $database,
        private readonly OrderedStars $stars,
        private readonly Spool $spool,
        private readonly ObjectStorage $storage,
        private readonly StackVerifier $verifier,
        private readonly string $storageBase,
    ) {
    }

    /**
     * Stores a file that was checked. The same file of the same order gets the same name, so that this can be repeated.
     *
     * @param list<int> $starIds of the order
     * @return array{path: string, file_size_bytes: int, sha256: string} of what was stored
     * @throws \CrowdSky\Base\Refusal when there is no room for it
     * @throws \CrowdSky\Storage\StorageUnavailable
     */
    public function store(CalibrationOrder $order, SpooledFile $sent, array $starIds): array
    {
        $expected = $sent->size + self::ROW_BYTES * (count($order->epochs) + count($starIds));
        $file = $this->spool->create(fn (mixed $stream) => $this->complete($stream, $sent, $order, $starIds), $expected);
        try {
            $path = CalibrationName::path($this->storageBase, $order->scope, $order->version, $file->sha256);
            $stored = ['path' => $path, 'file_size_bytes' => $file->size, 'sha256' => $file->sha256];
            $this->storage->put($file, $path);
            return $stored;
        } catch (ObjectExists $taken) {
            return $this->verifier->holds($path, $file->sha256) ? $stored : throw $taken;
        } finally {
            $file->discard();
        }
    }

    /**
     * @param resource $stream
     * @param list<int> $starIds
     */
    private function complete(mixed $stream, SpooledFile $sent, CalibrationOrder $order, array $starIds): void
    {
        $from = fopen($sent->path, 'rb');
        if ($from === false || stream_copy_to_stream($from, $stream) !== $sent->size) {
            throw new \RuntimeException("{$sent->path} cannot be copied; check the room on the disk of the data folder");
        }
        fclose($from);
        $table = new TableWriter($stream, null);
        $table->begin('EPOCH_KEYS', self::EPOCHS + [self::LIGHT_IN => 'K']);
        foreach (array_chunk(array_keys($order->epochs), self::BATCH) as $batch) {
            $marks = implode(', ', array_fill(0, count($batch), '?'));
            $rows = $this->database->all("SELECT id, source_sha256, series_seconds, part, mjd_utc FROM epochs WHERE id IN ($marks) ORDER BY id", $batch);
            foreach ($rows as $row) {
                $id = (int) $row['id'];
                $table->row([
                    $id, $row['source_sha256'], (int) $row['series_seconds'], (int) $row['part'], (float) $row['mjd_utc'], $order->copies[$id] ?? 0,
                ]);
            }
        }
        $table->begin('STAR_KEYS', self::STARS);
        foreach ($this->stars->rows($starIds) as $row) {
            $table->row([(int) $row['id'], (float) $row['ra_deg'], (float) $row['dec_deg'], (float) $row['position_year'], (int) $row['gaia_id']]);
        }
        $table->end();
    }
}
