<?php

declare(strict_types=1);

namespace CrowdSky\Cleanup;

use CrowdSky\Base\Clock;
use CrowdSky\Base\Logger;
use CrowdSky\Base\Utc;
use CrowdSky\Database\Database;
use CrowdSky\Jobs\JobEvents;
use CrowdSky\Results\StackVerifier;
use CrowdSky\Storage\ObjectStorage;
use CrowdSky\Storage\StorageUnavailable;

/**
 * Reads archived stacks back, longest unread first, and compares them with what was archived.
 *
 * Only an intact stack gets a new date, so a damaged one comes first in every run until it is repaired. What is missing
 * or changed is recorded with the stack, see StackDamage; one that is intact but not listed is reported. Stacks are
 * hashed piece by piece and rows are read page by page, so memory use does not grow with the archive.
 */
final class ArchiveAudit
{
    private const COLUMNS = 'id, job_id, ucloud_path, file_size_bytes, sha256, verified_at';
    private const PAGE = 100;
    private const BEGINNING = '1000-01-01 00:00:00';
    /** Consecutive stacks without an answer after which the storage counts as unreachable. */
    private const PATIENCE = 3;
    /** Event of a stack that reads back intact and is missing from the listing of its folder. */
    private const UNLISTED = 'stack not listed';

    public function __construct(
        private readonly Database $database,
        private readonly ObjectStorage $storage,
        private readonly StackVerifier $verifier,
        private readonly FoundDamage $damage,
        private readonly JobEvents $events,
        private readonly Logger $log,
        private readonly Clock $clock,
    ) {
    }

    /**
     * @param int|null $limit stacks to read at most, null for all
     * @param int $olderThanDays only stacks that were last read back longer ago
     * @param \Closure(string): void $say gets a line for every stack that is not intact
     */
    public function run(?int $limit, int $olderThanDays, \Closure $say): AuditReport
    {
        $report = new AuditReport();
        $silent = 0;
        foreach ($this->stacks($limit, $olderThanDays) as [$stack, $listed]) {
            $unreadBefore = $report->unread;
            $finding = $this->check($stack, $listed, $report);
            if ($finding !== null) {
                $this->report($stack, $finding, $say);
            }
            $silent = $report->unread > $unreadBefore ? $silent + 1 : 0;
            if ($silent >= self::PATIENCE) {
                $report->gaveUp = true;
                break;
            }
        }
        $this->log->info('verify: ' . rtrim($report->asText()));
        return $report;
    }

    /**
     * Each stack once. A stack that was read gets the present time, so the ids of those that have it already, as after
     * an adoption, or a later one are noted at the beginning.
     *
     * @return \Generator<array{array<string, mixed>, ListedStacks}>
     */
    private function stacks(?int $limit, int $olderThanDays): \Generator
    {
        $before = Utc::storedBefore($this->clock->now(), 86400 * $olderThanDays);
        $late = $olderThanDays > 0 ? [] : $this->database->all(
            'SELECT id FROM stacked_frames WHERE verified_at >= ? ORDER BY verified_at, id',
            [$before],
        );
        $left = $limit ?? PHP_INT_MAX;
        foreach ($this->longestUnread($left, $before) as $stack) {
            $left--;
            yield $stack;
        }
        foreach (array_chunk(array_slice(array_column($late, 'id'), 0, $left), self::PAGE) as $ids) {
            $places = implode(', ', array_fill(0, count($ids), '?'));
            $page = $this->database->all('SELECT ' . self::COLUMNS . " FROM stacked_frames WHERE id IN ($places)", $ids);
            yield from $this->withListing($page);
        }
    }

    /**
     * @param string $before stored form
     * @return \Generator<array{array<string, mixed>, ListedStacks}>
     */
    private function longestUnread(int $limit, string $before): \Generator
    {
        $last = ['verified_at' => self::BEGINNING, 'id' => 0];
        for ($left = $limit; $left > 0; $left -= self::PAGE) {
            $page = $this->database->all(
                'SELECT ' . self::COLUMNS . ' FROM stacked_frames
                  WHERE verified_at < :before AND (verified_at > :at OR (verified_at = :same AND id > :id))
                  ORDER BY verified_at, id LIMIT ' . min(self::PAGE, $left),
                ['before' => $before, 'at' => $last['verified_at'], 'same' => $last['verified_at'], 'id' => $last['id']],
            );
            yield from $this->withListing($page);
            if (count($page) < self::PAGE) {
                return;
            }
            $last = end($page);
        }
    }

    /**
     * @param list<array<string, mixed>> $page
     * @return \Generator<array{array<string, mixed>, ListedStacks}>
     */
    private function withListing(array $page): \Generator
    {
        $listed = new ListedStacks($this->storage, array_column($page, 'ucloud_path'));
        foreach ($page as $stack) {
            yield [$stack, $listed];
        }
    }

    /**
     * @param array<string, mixed> $stack
     * @return string|null what is wrong
     */
    private function check(array $stack, ListedStacks $listed, AuditReport $report): ?string
    {
        $path = $stack['ucloud_path'];
        try {
            $size = $this->storage->size($path);
            if ($size === null) {
                $report->missing++;
                return $this->damaged($stack, "the stack $path is missing from storage");
            }
            if ($size !== (int) $stack['file_size_bytes']) {
                $report->changed++;
                return $this->damaged($stack, "the stack $path has $size bytes in storage, not {$stack['file_size_bytes']}");
            }
            if (!$this->verifier->holds($path, $stack['sha256'])) {
                $report->changed++;
                return $this->damaged($stack, "the stack $path differs from what was archived");
            }
            $isUnlisted = $listed->lacks($path);
        } catch (StorageUnavailable $error) {
            $report->unread++;
            return "the stack $path could not be read back ({$error->getPrevious()?->getMessage()})";
        }
        $this->database->execute('UPDATE stacked_frames SET verified_at = ? WHERE id = ?', [Utc::stored($this->clock->now()), $stack['id']]);
        $this->damage->clear((int) $stack['job_id'], $path);
        $report->intact++;
        return $isUnlisted ? $this->unlisted($stack, $report) : null;
    }

    /** @param array<string, mixed> $stack */
    private function report(array $stack, string $finding, \Closure $say): void
    {
        $say("job {$stack['job_id']}, stack {$stack['id']}: $finding");
        $this->log->error("verify, job {$stack['job_id']}: $finding");
    }

    /** @param array<string, mixed> $stack */
    private function damaged(array $stack, string $finding): string
    {
        $this->damage->record((int) $stack['job_id'], $stack['ucloud_path'], $finding);
        return $finding;
    }

    /** @param array<string, mixed> $stack */
    private function unlisted(array $stack, AuditReport $report): string
    {
        $report->unlisted++;
        $finding = "the stack {$stack['ucloud_path']} is intact, but the storage does not list it";
        $this->events->recordOnce((int) $stack['job_id'], 'system', self::UNLISTED, "$finding; nothing is lost, and the operator knows");
        return $finding;
    }
}
