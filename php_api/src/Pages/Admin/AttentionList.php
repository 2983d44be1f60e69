<?php

declare(strict_types=1);

namespace CrowdSky\Pages\Admin;

use CrowdSky\Accounts\Accounts;
use CrowdSky\Base\Format;
use CrowdSky\Base\Utc;
use CrowdSky\Jobs\JobStatus;
use CrowdSky\Jobs\QueueFilter;
use CrowdSky\Jobs\QueueListing;
use CrowdSky\Kernel\App;
use CrowdSky\Operations\QueueState;
use CrowdSky\Pages\Figures;
use CrowdSky\Pages\Texts;
use CrowdSky\Stacks\StackArchive;
use CrowdSky\Statistics\StatisticsServices;
use CrowdSky\Trust\HeldListing;
use CrowdSky\Workers\WorkerServices;

/** The numbers that need somebody's attention, those that do first. */
final class AttentionList
{
    /** Workers that were seen within that time and are silent now are missed; older ones have gone. */
    private const MISSED_SECONDS = 604800;

    /** @return list<AttentionItem> */
    public static function of(App $app, QueueState $queue, Texts $texts): array
    {
        $items = [
            ...self::ofQueue($app, $queue, $texts),
            self::workers($app, $texts),
            self::disk($app, $texts),
            ...self::people($app, $texts),
        ];
        $urgent = array_filter($items, static fn (AttentionItem $item): bool => $item->isUrgent);

        return [...array_values($urgent), ...array_values(array_diff_key($items, $urgent))];
    }

    /** @return list<AttentionItem> */
    private static function ofQueue(App $app, QueueState $queue, Texts $texts): array
    {
        $counts = (new QueueListing($app->database(), $app->clock()))->countByStatus(QueueFilter::of([]));
        $failed = $counts[JobStatus::Failed->value];
        $held = (new HeldListing($app->database()))->count();
        $damaged = (new StackArchive($app->database()))->countOfDamaged();
        $waits = $texts->count($queue->waiting, 'job waits for a worker', 'jobs wait for a worker');

        return [
            self::counted($texts, $failed, $texts->count($failed, 'failed job', 'failed jobs'), 'admin.php?state=failed'),
            self::counted($texts, $held, $texts->count($held, 'held result', 'held results'), 'admin_held.php'),
            self::counted($texts, $damaged, $texts->count($damaged, 'damaged stack', 'damaged stacks'), 'admin.php'),
            new AttentionItem(
                $texts->number($queue->waiting),
                $queue->waitingSince === null ? $waits : $texts->say('{what}, the first since {time}', ['what' => $waits, 'time' => Format::time($queue->waitingSince)]),
                'admin.php?state=pending',
                $queue->isStalled,
            ),
        ];
    }

    private static function workers(App $app, Texts $texts): AttentionItem
    {
        $now = $app->clock()->now();
        $silentBefore = Utc::storedBefore($now, WorkersPage::SILENT_SECONDS);
        $missedSince = Utc::storedBefore($now, self::MISSED_SECONDS);
        $silent = $seen = 0;
        foreach (WorkerServices::of($app)->registry()->all() as $worker) {
            $seen += (int) ($worker['last_seen_at'] >= $silentBefore);
            $silent += (int) ($worker['revoked_at'] === null && $worker['last_seen_at'] < $silentBefore && $worker['last_seen_at'] >= $missedSince);
        }

        return $silent > 0
            ? new AttentionItem($texts->number($silent), $texts->count($silent, 'worker has fallen silent', 'workers have fallen silent'), 'admin_workers.php', true)
            : new AttentionItem($texts->number($seen), $texts->count($seen, 'worker is there', 'workers are there'), 'admin_workers.php', $seen === 0);
    }

    private static function disk(App $app, Texts $texts): AttentionItem
    {
        $levels = StatisticsServices::of($app)->levels();
        $free = $levels->free();
        $days = $levels->forecast()?->daysLeft();

        return new AttentionItem(
            $free === null ? '?' : Figures::bytes($texts, $free),
            $free === null ? $texts->say('free on the disk: unknown') : $texts->say('free on the disk'),
            'admin_storage.php',
            $free !== null && $free < $app->config()->minFreeBytes || $days !== null && $days < DiskWords::SOON_DAYS,
        );
    }

    /** @return list<AttentionItem> */
    private static function people(App $app, Texts $texts): array
    {
        $accounts = (new Accounts($app->database(), $app->clock()))->countAwaiting();
        $volunteers = count(WorkerServices::of($app)->volunteers()->waiting());
        $keys = count(WorkerServices::of($app)->keyTrust()->quarantined());
        $items = [
            self::counted($texts, $accounts, $texts->count($accounts, 'account waits for approval', 'accounts wait for approval'), 'admin_users.php'),
            self::counted($texts, $volunteers, $texts->count($volunteers, 'volunteer asks for a key', 'volunteers ask for a key'), 'admin_workers.php#volunteers'),
            self::counted($texts, $keys, $texts->count($keys, 'key in quarantine', 'keys in quarantine'), 'admin_workers.php#keys'),
        ];

        return array_values(array_filter($items, static fn (AttentionItem $item): bool => $item->isUrgent));
    }

    /** A number of which only 0 is well. */
    private static function counted(Texts $texts, int $n, string $words, string $address): AttentionItem
    {
        return new AttentionItem($texts->number($n), $words, $address, $n > 0);
    }
}
