<?php

declare(strict_types=1);

namespace CrowdSky\Pages\Admin;

use CrowdSky\Base\Utc;
use CrowdSky\Jobs\QueueListing;
use CrowdSky\Kernel\App;
use CrowdSky\Statistics\StatisticsServices;
use CrowdSky\Statistics\WorkerFigures;
use CrowdSky\Statistics\WorkerWeek;
use CrowdSky\Trust\HeldListing;
use CrowdSky\Workers\ApiKey;
use CrowdSky\Workers\WorkerServices;

/** The workers with what they have done lately, in the order that an admin wants. */
final class WorkerTable
{
    public const SEEN = 'seen';
    public const NAME = 'name';
    public const JOBS = 'jobs';
    public const FRAMES = 'frames';
    public const FAILED = 'failed';
    public const ORDERS = [self::SEEN, self::NAME, self::JOBS, self::FRAMES, self::FAILED];
    /** Workers whose stages are looked up: for those that were seen last. */
    private const WITH_STAGES = 200;

    /**
     * @param list<ApiKey> $keys
     * @param string $order one of ORDERS
     * @return list<WorkerRow>
     */
    public static function of(App $app, array $keys, string $order): array
    {
        $figures = StatisticsServices::of($app)->workers();
        $weeks = $figures->lastWeek();
        $running = (new QueueListing($app->database(), $app->clock()))->running();
        $held = (new HeldListing($app->database()))->countByWorker();
        $addresses = array_column(array_map(static fn (ApiKey $key): array => ['id' => $key->id, 'ip' => $key->lastIp], $keys), 'ip', 'id');
        $silentBefore = Utc::storedBefore($app->clock()->now(), WorkersPage::SILENT_SECONDS);
        $rows = [];
        foreach (WorkerServices::of($app)->registry()->all() as $number => $worker) {
            [$keyId, $name] = [(int) $worker['api_key_id'], $worker['worker_name']];
            $isOwn = static fn (array $job): bool => $job['worker_name'] === $name && (int) $job['api_key_id'] === $keyId;
            $rows[] = new WorkerRow(
                $worker,
                $addresses[$keyId] ?? null,
                $weeks[WorkerFigures::key($keyId, $name)] ?? new WorkerWeek(),
                $number < self::WITH_STAGES ? $figures->steps($keyId, $name) : [],
                array_values(array_filter($running, $isOwn)),
                $held[$keyId][$name] ?? 0,
                $worker['last_seen_at'] < $silentBefore,
            );
        }
        $value = self::value($order);
        usort($rows, static fn (WorkerRow $one, WorkerRow $other): int => $value($one) <=> $value($other));

        return $rows;
    }

    /** @return \Closure(WorkerRow): (int|float|string) by which the smallest comes first */
    private static function value(string $order): \Closure
    {
        return match ($order) {
            self::NAME => static fn (WorkerRow $row): string => mb_strtolower($row->name()),
            self::JOBS => static fn (WorkerRow $row): int => -$row->week->done,
            self::FRAMES => static fn (WorkerRow $row): int => -$row->week->frames,
            self::FAILED => static fn (WorkerRow $row): float => -($row->week->failureShare() ?? -1.0),
            default => static fn (WorkerRow $row): int => 0,
        };
    }
}
