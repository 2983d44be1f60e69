<?php

declare(strict_types=1);

namespace CrowdSky\Pages\Admin;

use CrowdSky\Accounts\User;
use CrowdSky\Accounts\Visitor;
use CrowdSky\Base\Refusal;
use CrowdSky\Custody\CustodyServices;
use CrowdSky\Http\Request;
use CrowdSky\Http\Response;
use CrowdSky\Jobs\Job;
use CrowdSky\Jobs\JobServices;
use CrowdSky\Jobs\JobStatus;
use CrowdSky\Jobs\QueueListing;
use CrowdSky\Kernel\App;
use CrowdSky\Operations\StallAlarm;
use CrowdSky\Operations\WebExposure;
use CrowdSky\Queue\QueueServices;
use CrowdSky\Pages\Pager;
use CrowdSky\Pages\Veil;
use CrowdSky\Pages\View;
use CrowdSky\Stacks\StackArchive;
use CrowdSky\Timekeeping\TimekeepingServices;
use CrowdSky\Workers\WorkerServices;

/** The queue of the whole site, by state; its forms post to the job page. */
final class QueuePage
{
    private const PER_PAGE = 50;
    /** Damaged stacks that are named; the others are counted. */
    private const DAMAGED_SHOWN = 10;

    /** @throws Refusal for everybody but admins */
    public static function answer(App $app, Request $request): Response
    {
        $visitor = Visitor::of($app, $request);
        $admin = $visitor->requireAdmin();
        $status = JobStatus::tryFrom($request->query('state') ?? '');
        $archive = new StackArchive($app->database());
        $listing = new QueueListing($app->database());
        $counts = $listing->countByStatus();
        $query = $status === null ? [] : ['state' => $status->value];
        $total = $status === null ? array_sum($counts) : $counts[$status->value];
        $pager = Pager::of($request, $total, self::PER_PAGE, $query);
        $rows = $listing->page($status, $pager->perPage, $pager->offset());

        return View::of($visitor)->page('admin_queue', 'Queue', [
            'status' => $status,
            'counts' => $counts,
            'rows' => self::veiled($app, $rows, $admin),
            'left' => JobServices::of($app)->runTimes()->leftOf(array_column($rows, 'job')),
            'pager' => $pager,
            'warnings' => self::warnings($app, $request),
            'damaged' => $archive->damaged(self::DAMAGED_SHOWN),
            'nDamaged' => $archive->countOfDamaged(),
            'quarantined' => WorkerServices::of($app)->keyTrust()->quarantined(),
            'queue' => (new StallAlarm($app->database(), $app->clock(), $app->config()->stallMinutes, QueueServices::of($app)->term()))->look(),
        ]);
    }

    /** @return list<string> what an admin has to put right at once */
    private static function warnings(App $app, Request $request): array
    {
        return array_values(array_filter([
            (new WebExposure($app, $request))->isFound() ? WebExposure::SENTENCE : null,
            CustodyServices::of($app)->ids()->lastDoubt()?->sentence(),
            TimekeepingServices::of($app)->runs()->lastWarning(),
        ]));
    }

    /**
     * @param list<array{job: Job, owner: string}> $rows
     * @return list<array{job: Job, owner: string, veil: ?Veil}> with what hides the texts of others
     */
    private static function veiled(App $app, array $rows, User $admin): array
    {
        return array_map(static fn (array $row): array => $row + ['veil' => Veil::over($app, $row['job'], $admin)], $rows);
    }
}
