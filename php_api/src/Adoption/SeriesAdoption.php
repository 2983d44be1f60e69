<?php

declare(strict_types=1);

namespace CrowdSky\Adoption;

use CrowdSky\Base\Clock;
use CrowdSky\Base\Utc;
use CrowdSky\Database\Database;
use CrowdSky\Database\DuplicateKey;
use CrowdSky\Fits\HeaderCards;
use CrowdSky\Fits\StoredHeader;
use CrowdSky\Series\SeriesLayout;
use CrowdSky\Series\SeriesOrder;
use CrowdSky\Series\SeriesOrders;
use CrowdSky\Series\SeriesPath;
use CrowdSky\Storage\ObjectMissing;
use CrowdSky\Storage\ObjectStorage;
use CrowdSky\Storage\SpooledFile;
use CrowdSky\Storage\StorageUnavailable;
use CrowdSky\Storage\StoredObject;

/** Takes series that lie in storage without a row back, after the stacks that they belong to. */
final class SeriesAdoption
{
    public function __construct(
        private readonly Database $database,
        private readonly ObjectStorage $storage,
        private readonly StoredCopies $copies,
        private readonly SeriesOrders $orders,
        private readonly Clock $clock,
        private readonly string $storageBase,
    ) {
    }

    /**
     * Of several runs the latest comes first: one of a series is enough.
     *
     * @param list<string>|null $own ids of this archive; null when series that were made for others are fine too
     * @throws StorageUnavailable
     */
    public function run(?array $own, AdoptionReport $report): void
    {
        $known = array_fill_keys($this->database->column('SELECT path FROM series WHERE path IS NOT NULL'), true);
        $found = [];
        foreach ($this->storage->list("{$this->storageBase}/series") as $object) {
            $name = SeriesPath::parse($this->storageBase, $object->path);
            if ($name !== null && isset($known[$object->path])) {
                $report->referred++;
            } elseif ($name !== null) {
                $found[] = [$object, $name];
            }
        }
        usort($found, static fn (array $one, array $other): int => [$other[1]->jobId, $other[1]->run] <=> [$one[1]->jobId, $one[1]->run]);
        foreach ($found as [$object, $name]) {
            $this->adopt($object, $name, $own, $report);
        }
    }

    /** @param list<string>|null $own */
    private function adopt(StoredObject $object, SeriesPath $name, ?array $own, AdoptionReport $report): void
    {
        $stacks = $this->stacks($name);
        if (count($stacks) !== 1) {
            $report->left($object->path, $stacks === [] ? $report->without('its stack is not in the archive') : 'its owner has several stacks of this chunk, and its name fits none of them');
            return;
        }
        if ($this->database->value('SELECT id FROM series WHERE stack_id = ? AND seconds = ?', [$stacks[0]['id'], $name->seconds]) !== null) {
            $report->left($object->path, "there is another series of {$name->seconds} s of its stack");
            return;
        }
        try {
            $archive = $this->archiveOf($object);
            if ($own !== null && $archive !== null && !in_array($archive, $own, true)) {
                $report->foreign($object->path, "made for archive $archive; cleanup.php --adopt --include-foreign adopts it too");
                return;
            }
            $order = SeriesOrder::with((int) $stacks[0]['id'], $name->seconds);
            $this->copies->with($object->path, fn (SpooledFile $file) => $this->write($object, $name, $order, (int) $stacks[0]['job_id'], $file, $report));
        } catch (ObjectMissing) {
            $report->left($object->path, 'it was moved or deleted meanwhile');
        } catch (DuplicateKey) {
            $report->left($object->path, 'its rows are being changed by others; adopt again');
        }
    }

    private function write(StoredObject $object, SeriesPath $name, SeriesOrder $order, int $stackJobId, SpooledFile $file, AdoptionReport $report): void
    {
        $parts = SeriesLayout::partsOf($file->path, $order, null);
        if (is_string($parts)) {
            $report->damaged($object->path, $parts);
            return;
        }
        $number = $this->database->value('SELECT id FROM stacking_jobs WHERE id = ?', [$name->jobId]) === null ? $name->jobId : null;
        $as = 'as ' . ($number === null ? 'a new job' : "job $number");
        if (!$report->dryRun) {
            $row = ['path' => $object->path, 'sha256' => $file->sha256, 'file_size_bytes' => $file->size, 'n_parts' => $parts];
            $madeAt = $object->modifiedAt === null ? $this->clock->now() : new \DateTimeImmutable("@{$object->modifiedAt}");
            $add = fn (): int => $this->orders->addFound($stackJobId, $order, $number, $row, Utc::stored($madeAt));
            $as = 'as job ' . $this->database->transaction($add);
        }
        $report->adopted($object->path, "$as, a series of {$order->seconds} s of stack {$order->stackId}");
    }

    /** @throws ObjectMissing */
    private function archiveOf(StoredObject $object): ?string
    {
        $size = $this->storage->size($object->path) ?? throw new ObjectMissing($object->path);
        $header = StoredHeader::at($this->storage, $object->path, 0, $size);
        return $header === null ? null : HeaderCards::of($header->cards)->text('ARCHID');
    }

    /**
     * The stack of its chunk whose job the name has; an adopted one may have another number, and then it must be the only one.
     *
     * @return list<array<string, mixed>>
     */
    private function stacks(SeriesPath $name): array
    {
        $inFolder = "%/stacks/user_{$name->userId}/%";
        $stacks = $this->database->all(
            'SELECT s.id, s.job_id FROM stacked_frames s WHERE s.chunk_key = ? AND (s.user_id = ? OR s.ucloud_path LIKE ?) ORDER BY s.id',
            [$name->chunkKey, $name->userId, $inFolder],
        );
        $named = array_values(array_filter($stacks, static fn (array $stack): bool => (int) $stack['job_id'] === $name->stackJobId));
        return $named === [] ? $stacks : $named;
    }
}
