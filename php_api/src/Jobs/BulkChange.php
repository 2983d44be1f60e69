<?php

declare(strict_types=1);

namespace CrowdSky\Jobs;

use CrowdSky\Base\Refusal;

/**
 * What an operator does with many jobs at once. Each job is changed by itself: one that cannot be is left as it is, with
 * the reason, and holds up no other.
 */
final class BulkChange
{
    /** @var list<string> why jobs were left as they are */
    private array $reasons = [];
    private int $changed = 0;

    public function __construct(private readonly JobAdmin $admin, private readonly string $actor)
    {
    }

    /**
     * @param list<int> $jobIds
     * @param string $action cancel, requeue or priority
     * @param int|null $priority for the last of them
     * @throws Refusal for another action, or a priority out of range
     */
    public function apply(array $jobIds, string $action, ?int $priority): void
    {
        $change = match ($action) {
            'cancel' => fn (int $id) => $this->admin->cancel($id, $this->actor),
            'requeue' => fn (int $id) => $this->admin->requeue($id, $this->actor),
            'priority' => $this->settingPriority(JobAdmin::requirePriority($priority)),
            default => throw Refusal::badInput("'action' must be cancel, requeue or priority"),
        };
        foreach ($jobIds as $id) {
            try {
                $change($id);
                $this->changed++;
            } catch (Refusal $refusal) {
                $this->reasons[] = $refusal->getMessage();
            }
        }
    }

    /** @return \Closure(int): void */
    private function settingPriority(int $priority): \Closure
    {
        return fn (int $id) => $this->admin->setPriority($id, $priority, $this->actor);
    }

    public function changed(): int
    {
        return $this->changed;
    }

    /** @return list<string> a sentence for each job that was left as it is */
    public function reasons(): array
    {
        return $this->reasons;
    }
}
