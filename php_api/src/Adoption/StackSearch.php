<?php

declare(strict_types=1);

namespace CrowdSky\Adoption;

use CrowdSky\Database\Database;
use CrowdSky\Results\ArchivedName;
use CrowdSky\Results\ResultKind;
use CrowdSky\Storage\ObjectStorage;
use CrowdSky\Storage\StorageUnavailable;
use CrowdSky\Storage\StoredObject;
use CrowdSky\Trust\HeldState;

/**
 * Lists the stacks in storage, those that rows refer to apart from the others.
 *
 * Object stores may list what is new only after a while, so names that follow from those in the listing are looked up
 * by themselves: the final name of a run's stack, and the files beside a stack.
 */
final class StackSearch
{
    /** @var array<string, true> */
    private array $referred = [];
    /** @var array<int, list<array{StoredObject, ArchivedName}>> by number of the job in the name */
    private array $unreferred = [];
    /** @var array<string, array<string, int>> files beside stacks with their rank, by key() */
    private array $beside = [];
    private int $nReferred = 0;
    private int $highestNumber = 0;

    private function __construct(private readonly Database $database, private readonly ObjectStorage $storage)
    {
    }

    /** @throws StorageUnavailable when the storage cannot be listed */
    public static function run(Database $database, ObjectStorage $storage, string $base): self
    {
        $search = new self($database, $storage);
        $search->referred = array_fill_keys($search->referredPaths(), true);
        foreach ($storage->list("$base/stacks") as $object) {
            $name = ArchivedName::parse($base, $object->path);
            if ($name !== null) {
                $search->take($object, $name);
            }
        }
        krsort($search->unreferred);
        return $search;
    }

    /**
     * The stacks that no row refers to: those of the latest job first, because a rescan is a later result of an earlier
     * job; of one job the final name first, then the latest run.
     *
     * @return iterable<array{StoredObject, ArchivedName}>
     * @throws StorageUnavailable when the storage cannot say
     */
    public function unreferred(): iterable
    {
        foreach ($this->unreferred as $stacks) {
            array_push($stacks, ...$this->unlistedFinals($stacks));
            usort($stacks, static fn (array $one, array $other): int => self::rank($other[1]) <=> self::rank($one[1]));
            yield from $stacks;
        }
    }

    public function referred(): int
    {
        return $this->nReferred;
    }

    /** The highest number of a job in any name. */
    public function highestNumber(): int
    {
        return $this->highestNumber;
    }

    /**
     * Finds the files beside a stack: those under its own name, else under the final one, else, beside a final stack,
     * those of a run.
     *
     * @param int $firstJobId of a rescan: the job that made the stack, whose thumbnail it keeps unless it made a new one
     * @return array<string, string> paths by kind
     * @throws StorageUnavailable when the storage cannot say
     */
    public function companions(string $stackPath, ArchivedName $name, int $firstJobId): array
    {
        $stem = substr($stackPath, 0, -strlen(ResultKind::Stack->suffix()));
        $kinds = ResultKind::companions();
        $own = array_map(fn (ResultKind $kind): ?string => $this->beside($kind, $stem, $name, $name->jobId), $kinds);
        $found = array_combine(array_column($kinds, 'value'), $own);
        if ($firstJobId !== $name->jobId) {
            foreach (ResultKind::pictures() as $kind) {
                $found[$kind->value] ??= $this->beside($kind, '', $name, $firstJobId);
            }
        }
        return array_filter($found);
    }

    private function beside(ResultKind $kind, string $stem, ArchivedName $name, int $jobId): ?string
    {
        $there = $this->beside[self::key($name->userId, $name->chunkKey, $jobId, $kind)] ?? [];
        if (isset($there[$stem . $kind->suffix()])) {
            return $stem . $kind->suffix();
        }
        // The final name has the highest rank.
        arsort($there);
        $best = array_key_first($there);
        $isFitting = $best !== null && ($there[$best] === PHP_INT_MAX || $name->attemptTag === null || $stem === '');
        // The one under the stack's own name comes before all others, and may be missing from the listing only.
        return $stem === '' ? $best : $this->unlisted($stem, $kind) ?? ($isFitting ? $best : $this->unlisted(self::finalOf($stem, $name), $kind));
    }

    private function unlisted(string $stem, ResultKind $kind): ?string
    {
        $path = $stem . $kind->suffix();
        return $this->storage->size($path) === null ? null : $path;
    }

    /**
     * @param list<array{StoredObject, ArchivedName}> $stacks of one job
     * @return list<array{StoredObject, ArchivedName}> those under the final names of runs that are there and not listed
     */
    private function unlistedFinals(array $stacks): array
    {
        $listed = array_map(static fn (array $stack): string => $stack[0]->path, $stacks);
        $finals = array_map(static fn (array $stack): string => self::finalOf($stack[0]->path, $stack[1]), $stacks);
        $found = [];
        foreach (array_diff(array_unique($finals), $listed) as $at => $final) {
            $size = isset($this->referred[$final]) ? null : $this->storage->size($final);
            if ($size !== null) {
                $run = $stacks[$at][1];
                $found[] = [new StoredObject($final, $size, null), $run->final()];
            }
        }
        return $found;
    }

    private static function finalOf(string $path, ArchivedName $name): string
    {
        return $name->attemptTag === null ? $path : dirname($path) . '/' . str_replace(".{$name->attemptTag}", '', basename($path));
    }

    private function take(StoredObject $object, ArchivedName $name): void
    {
        $this->highestNumber = max($this->highestNumber, $name->jobId);
        foreach (ResultKind::companions() as $kind) {
            if (str_ends_with($object->path, $kind->suffix())) {
                $this->beside[self::key($name->userId, $name->chunkKey, $name->jobId, $kind)][$object->path] = self::rank($name);
                return;
            }
        }
        if (isset($this->referred[$object->path])) {
            $this->nReferred++;
        } elseif (str_ends_with($object->path, ResultKind::Stack->suffix())) {
            $this->unreferred[$name->jobId][] = [$object, $name];
        }
    }

    private static function key(int $userId, string $chunkKey, int $jobId, ResultKind $kind): string
    {
        return "$userId $chunkKey $jobId {$kind->value}";
    }

    /** Number of the run, which counts from 1; a final name is above all of them. */
    private static function rank(ArchivedName $name): int
    {
        return $name->attemptTag === null ? PHP_INT_MAX : (int) substr($name->attemptTag, 1);
    }

    /** @return list<string> stacks that are archived, replaced and soon to go, or waiting for a second opinion */
    private function referredPaths(): array
    {
        return [
            ...array_column($this->database->all('SELECT ucloud_path FROM stacked_frames'), 'ucloud_path'),
            ...array_column($this->database->all('SELECT path FROM replaced_objects'), 'path'),
            ...array_column($this->database->all('SELECT path FROM held_results WHERE state = ?', [HeldState::Held->value]), 'path'),
        ];
    }
}
