<?php

declare(strict_types=1);

namespace CrowdSky\Trust;

use CrowdSky\Jobs\JobEvents;
use CrowdSky\Workers\KeyTrust;
use CrowdSky\Workers\WorkerRegistry;

/**
 * Closes waiting results and applies the consequences to the keys that sent them. Call it in a transaction.
 */
final class Verdicts
{
    public function __construct(
        private readonly HeldResults $held,
        private readonly KeyTrust $keys,
        private readonly WorkerRegistry $workers,
        private readonly JobEvents $events,
    ) {
    }

    /**
     * Judges the waiting results of a job by the published one.
     *
     * @param list<HeldResult> $waiting
     * @param int|null $checkedJobId the job that people are shown, if the results are of a check of it
     * @return list<string> alarms, to be logged after the commit
     */
    public function judge(array $waiting, ResultFigures $published, ?int $checkedJobId = null): array
    {
        $alarms = [];
        foreach ($waiting as $one) {
            $differences = Agreement::between($one->figures, $published);
            if ($differences === []) {
                $this->confirm($one);
            } else {
                $subject = $checkedJobId === null ? "job {$one->jobId}" : "check of job $checkedJobId";
                $alarms[] = $this->disprove($one, $subject, implode('; ', $differences));
            }
        }
        return $alarms;
    }

    /** Closes a result that is published without a second opinion, and credits its key. */
    public function accept(HeldResult $held): void
    {
        $this->held->close($held, HeldState::Published, $held->finding);
        $this->keys->credit($held->apiKeyId);
    }

    /**
     * Closes a result that an admin rejects; its key has to earn its trust again.
     *
     * @param string $actor such as admin:NAME
     */
    public function reject(HeldResult $held, string $actor): void
    {
        $this->held->close($held, HeldState::Rejected, $held->finding);
        $this->keys->startAnew($held->apiKeyId);
        $this->events->record($held->jobId, $actor, 'result rejected', "that of worker {$held->workerName}");
    }

    private function confirm(HeldResult $held): void
    {
        $this->held->close($held, HeldState::Agreed, null);
        $this->keys->credit($held->apiKeyId);
        $this->workers->countCompleted($held->apiKeyId, $held->workerName);
        $this->events->record($held->jobId, 'system', 'result confirmed', "that of worker {$held->workerName}");
    }

    /** @return string the alarm */
    private function disprove(HeldResult $held, string $subject, string $finding): string
    {
        $this->held->close($held, HeldState::Disagreed, $finding);
        $this->keys->quarantine($held->apiKeyId, "$subject: $finding");
        $this->workers->countFailed($held->apiKeyId, $held->workerName);
        $this->events->record($held->jobId, 'system', 'result found wrong', "that of worker {$held->workerName}: $finding");
        return "key {$held->apiKeyId} is quarantined, worker {$held->workerName}, $subject: $finding";
    }
}
