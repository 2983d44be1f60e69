<?php

declare(strict_types=1);

namespace CrowdSky\Hats;

use CrowdSky\Base\Clock;
use CrowdSky\Base\ConfigurationError;
use CrowdSky\Jobs\ArchiveJobs;
use CrowdSky\Jobs\JobKind;

/** Queues the partitions of the export whose rows have changed since they were built, and removes those without any. */
final class HatsBuilds
{
    /** Bytes of the rows of one observation on their way to a worker, and of what it makes of them. */
    private const BYTES_PER_OBSERVATION = 200;
    /** Seconds for which a file that is not published any more stays, or not yet. */
    private const SWEPT_AFTER = 3600;

    public function __construct(
        private readonly HatsPlan $plan,
        private readonly EpochPixels $pixels,
        private readonly HatsCells $cells,
        private readonly HatsPublication $publication,
        private readonly HatsFolder $folder,
        private readonly ArchiveJobs $jobs,
        private readonly Clock $clock,
    ) {
    }

    /** @throws ConfigurationError when there is no admin, whose the jobs are */
    public function queue(): HatsReport
    {
        set_time_limit(0);
        $this->pixels->complete();
        $roots = [];
        foreach ([...$this->pixels->roots(), ...array_map(self::root(...), $this->cells->roots())] as $root) {
            $roots[$root->pixel] = $root;
        }
        ksort($roots);
        $report = new HatsReport();
        foreach ($roots as $root) {
            $this->look($root, $report);
        }
        $this->publication->repair();
        $needed = $this->cells->objects() + $this->publication->objects();
        $this->folder->sweep($needed, $this->clock->now()->getTimestamp() - self::SWEPT_AFTER);
        return $report;
    }

    /**
     * The same for the partitions that have rows of a stack: its owner has changed who may see it.
     *
     * @throws ConfigurationError when there is no admin, whose the jobs are
     */
    public function queueStack(int $stackId): HatsReport
    {
        $report = new HatsReport();
        foreach ($this->pixels->rootsOfStack($stackId) as $root) {
            $this->look($root, $report);
        }
        return $report;
    }

    /**
     * @param list<int> $stackIds
     * @return list<int> pixels of stars that they show, as far as they were counted
     */
    public function pixelsOf(array $stackIds): array
    {
        return $this->pixels->ofStacks($stackIds);
    }

    /**
     * Takes partitions out of the export that have rows of stacks that are not public any more, and queues them.
     *
     * @param list<int> $skyPixels of these stacks
     * @throws ConfigurationError when there is no admin, whose the jobs are
     */
    public function withdraw(array $skyPixels): HatsReport
    {
        $report = new HatsReport();
        $byRoot = [];
        foreach ($skyPixels as $pixel) {
            $byRoot[HatsCell::rootOf($pixel)->pixel][] = new HatsCell(HatsCell::LAST_ORDER, HatsCell::nested($pixel));
        }
        foreach ($byRoot as $root => $touched) {
            $this->publication->withdraw($root, $touched);
            $this->look(self::root($root), $report);
        }
        return $report;
    }

    private function look(HatsCell $root, HatsReport $report): void
    {
        $planned = $this->plan->within($root);
        $this->cells->plan($root->pixel, $planned);
        foreach ($this->cells->within($root->pixel) as $name => $cell) {
            if ($cell->wanted === null) {
                continue;
            }
            if ($cell->built === $cell->wanted && $this->areStored($cell)) {
                $report->current++;
            } elseif ($this->jobs->isQueued(JobKind::Hats, $cell->cell->key())) {
                $report->waiting++;
            } else {
                $this->add($cell->cell, $planned[$name][2]);
                $report->queued++;
            }
        }
        $report->removed += $this->publication->settle($root->pixel);
    }

    private function areStored(BuiltCell $cell): bool
    {
        return array_filter($cell->objects(), fn (string $sha256): bool => !$this->folder->has($sha256)) === [];
    }

    private function add(HatsCell $cell, int $observations): void
    {
        $options = json_encode($cell->toWire(), JSON_THROW_ON_ERROR);
        $bytes = self::BYTES_PER_OBSERVATION * $observations;
        $this->jobs->add(JobKind::Hats, $cell->key(), "Light curves of pixel {$cell->name()}", $options, $bytes, "$observations observations");
    }

    private static function root(int $pixel): HatsCell
    {
        return new HatsCell(HatsCell::FIRST_ORDER, $pixel);
    }
}
