<?php

declare(strict_types=1);

namespace CrowdSky\Trust;

use CrowdSky\Jobs\JobEvents;
use CrowdSky\Results\CompletionReport;
use CrowdSky\Results\VerifiedResult;
use CrowdSky\Storage\ObjectStorage;
use CrowdSky\Workers\KeyTrust;
use CrowdSky\Workers\WorkerRegistry;

/**
 * Compares results of one job and draws the consequences for their keys.
 */
final class SecondOpinions
{
    public function __construct(
        private readonly HeldResults $held,
        private readonly KeyTrust $keys,
        private readonly WorkerRegistry $workers,
        private readonly JobEvents $events,
        private readonly ObjectStorage $storage,
    ) {
    }

    public function figures(CompletionReport $report, VerifiedResult $result): ResultFigures
    {
        $solution = $report->measurement?->solution;
        return new ResultFigures(
            (int) $report->framesAligned,
            $report->totalExposure,
            $solution === null ? null : [$solution->ra, $solution->dec],
            $solution?->scale,
            $result->header->sky(),
            $result->header->noise(),
            $result->starsPath === null ? [] : StarPositions::ofStored($this->storage, $result->starsPath),
        );
    }

    /**
     * Where a result differs from one that waits. Neither of two volunteers is the reference, so they are compared both
     * ways.
     *
     * @return list<string> empty when they agree
     */
    public static function differences(ResultFigures $result, HeldResult $held): array
    {
        $differences = Agreement::between($result, $held->figures);
        return $differences !== [] ? $differences : Agreement::between($held->figures, $result);
    }

    /**
     * Closes the results that wait once another one is published. Call it in the transaction that does so.
     *
     * @param list<HeldResult> $waiting
     * @param string $now stored form
     * @param int|null $checkedJobId the job that is shown to people, if the results are those of a check of it
     * @return list<string> alarms for the log, after the commit
     */
    public function settle(array $waiting, ResultFigures $published, string $now, ?int $checkedJobId = null): array
    {
        $alarms = [];
        foreach ($waiting as $one) {
            $differences = Agreement::between($one->figures, $published);
            $finding = $differences === [] ? null : implode('; ', $differences);
            $this->held->close($one, $finding === null ? HeldState::Agreed : HeldState::Disagreed, $finding, $now);
            if ($finding === null) {
                $this->reward($one);
            } else {
                $subject = $checkedJobId === null ? "job {$one->jobId}" : "check of job $checkedJobId";
                $alarms[] = $this->punish($one, "$subject: $finding", $finding);
            }
        }
        return $alarms;
    }

    /** Rewards the maker of a result that had to wait and was confirmed. */
    public function reward(HeldResult $held): void
    {
        $this->keys->credit($held->apiKeyId);
        $this->workers->countCompleted($held->apiKeyId, $held->workerName);
        $this->events->record($held->jobId, 'system', 'result confirmed', "that of worker {$held->workerName}");
    }

    /** @return string what happened, for the log */
    private function punish(HeldResult $held, string $reason, string $finding): string
    {
        $this->keys->quarantine($held->apiKeyId, $reason);
        $this->workers->countFailed($held->apiKeyId, $held->workerName);
        $this->events->record($held->jobId, 'system', 'result found wrong', "that of worker {$held->workerName}: $finding");
        return "key {$held->apiKeyId} is quarantined, worker {$held->workerName}, $reason";
    }
}
