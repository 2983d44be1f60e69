<?php

declare(strict_types=1);

namespace CrowdSky\Pages\Admin;

use CrowdSky\Accounts\User;
use CrowdSky\Accounts\Visitor;
use CrowdSky\Base\Refusal;
use CrowdSky\Bulk\BulkAction;
use CrowdSky\Bulk\BulkRuns;
use CrowdSky\Bulk\BulkServices;
use CrowdSky\Http\OwnPage;
use CrowdSky\Http\Request;
use CrowdSky\Http\Response;
use CrowdSky\Jobs\BulkChange;
use CrowdSky\Jobs\Job;
use CrowdSky\Jobs\JobServices;
use CrowdSky\Jobs\QueueFilter;
use CrowdSky\Jobs\QueueListing;
use CrowdSky\Kernel\App;
use CrowdSky\Operations\StallAlarm;
use CrowdSky\Pages\Notes;
use CrowdSky\Pages\Pager;
use CrowdSky\Pages\RefusedForm;
use CrowdSky\Pages\Texts;
use CrowdSky\Pages\Veil;
use CrowdSky\Pages\View;
use CrowdSky\Stacks\StackArchive;
use CrowdSky\Workers\WorkerServices;

/** The queue of the whole site: what an admin filters, and does with many jobs at once. */
final class QueuePage
{
    private const PER_PAGE = 50;
    /** Damaged stacks that are named; the others are counted. */
    private const DAMAGED_SHOWN = 10;
    /** Reasons why a job was left as it is that a note gives. */
    private const REASONS_SHOWN = 3;

    /** @throws Refusal for everybody but admins, and for a form that is not ours */
    public static function answer(App $app, Request $request): Response
    {
        $visitor = Visitor::of($app, $request);
        $admin = $visitor->requireAdmin();

        if ($request->method() !== 'POST') {
            [$filter, $mistake] = QueueFilter::ofWhatIsRight($request->query(...));
            $page = self::show($app, $request, $visitor, $admin, $filter);

            return $mistake === null ? $page : RefusedForm::inAddress($request, $mistake, $page);
        }
        $visitor->requireCsrf($request->form('csrf_token'));
        [$filter] = QueueFilter::ofWhatIsRight($request->form(...));

        return RefusedForm::take(
            $request,
            static fn (): Response => self::act($app, $request, $visitor, $admin),
            static fn (): Response => self::show($app, $request, $visitor, $admin, $filter),
        );
    }

    private static function show(App $app, Request $request, Visitor $visitor, User $admin, QueueFilter $filter): Response
    {
        $archive = new StackArchive($app->database());
        $listing = new QueueListing($app->database(), $app->clock());
        $counts = $listing->countByStatus($filter);
        $total = $filter->status === null ? array_sum($counts) : $counts[$filter->status->value];
        $pager = Pager::of($request, $total, self::PER_PAGE, $filter->toQuery());
        $rows = $listing->page($filter, $pager->perPage, $pager->offset());

        return View::of($visitor)->page('admin_queue', 'Queue', [
            'filter' => $filter,
            'counts' => $counts,
            'total' => $total,
            'rows' => self::veiled($app, $rows, $admin, Texts::of($request)),
            'estimates' => JobServices::of($app)->runTimes()->of(array_column($rows, 'job')),
            'pager' => $pager,
            'warnings' => SiteWarnings::of($app, $request),
            'damaged' => $archive->damaged(self::DAMAGED_SHOWN),
            'nDamaged' => $archive->countOfDamaged(),
            'quarantined' => WorkerServices::of($app)->keyTrust()->quarantined(),
            'queue' => StallAlarm::of($app)->look(),
        ]);
    }

    /** Changes the chosen jobs, and leads back to the very page with what came of it. */
    private static function act(App $app, Request $request, Visitor $visitor, User $admin): Response
    {
        [$action, $jobIds] = self::wish($request);
        $priority = filter_var($request->form('priority'), FILTER_VALIDATE_INT);
        $back = OwnPage::named($request->form('return')) ?? 'admin.php';
        if ($request->form('one') === null && ($request->form('all') !== null || $action === BulkAction::Rescan->value)) {
            return self::propose($app, $request, $visitor, $admin, $jobIds, ['priority' => $priority === false ? null : $priority], $back);
        }
        $change = new BulkChange(JobServices::of($app)->admin(), $admin->actor());
        $change->apply($jobIds, $action, $priority === false ? null : $priority);
        foreach (self::sentences(Texts::of($request), $action, $change) as $sentence) {
            Notes::leave($visitor, $sentence);
        }

        return Response::redirect($back);
    }

    /**
     * Leads to the page that asks before very many jobs are changed: all that the filter shows, also on further pages.
     *
     * @param list<int> $jobIds the chosen ones
     * @param array<string, ?int> $options
     */
    private static function propose(App $app, Request $request, Visitor $visitor, User $admin, array $jobIds, array $options, string $back): Response
    {
        $action = BulkAction::tryFrom($request->form('action') ?? '') ?? throw Refusal::badInput("'action' must be cancel, requeue, priority or rescan");
        $state = null;
        if ($request->form('all') !== null) {
            $filter = QueueFilter::of(array_combine(QueueFilter::names(), array_map($request->form(...), QueueFilter::names())));
            $jobIds = (new QueueListing($app->database(), $app->clock()))->ids($filter, BulkRuns::MOST);
            $state = $filter->status?->value;
        }
        $bulk = BulkServices::of($app);
        $isOfStacks = $action === BulkAction::Rescan;
        $ids = $isOfStacks ? $bulk->forecast()->stacksOf($jobIds) : $jobIds;
        if ($ids === []) {
            $texts = Texts::of($request);
            Notes::leave($visitor, $jobIds === [] ? $texts->say('No job was chosen: tick some, or all.') : $texts->say('None of these jobs has a stack.'));

            return Response::redirect($back);
        }
        $id = $bulk->runs()->propose($admin, $action, $ids, $isOfStacks ? [] : $options, $isOfStacks ? null : $state, $back);

        return Response::redirect("admin_bulk.php?id=$id");
    }

    /**
     * One job by its own button, or the chosen ones.
     *
     * @return array{string, list<int>} the action, and the jobs
     */
    private static function wish(Request $request): array
    {
        $one = $request->form('one');
        if ($one !== null) {
            return preg_match('/^(cancel|requeue) ([1-9][0-9]{0,17})$/D', $one, $part) === 1
                ? [$part[1], [(int) $part[2]]]
                : throw Refusal::badInput("'one' must be an action and a job");
        }
        $action = $request->form('action') ?? throw Refusal::badInput("'action' is missing");

        return [$action, $request->formIds('jobs')];
    }

    /** @return list<string> in the admin's language */
    private static function sentences(Texts $texts, string $action, BulkChange $change): array
    {
        $n = $change->changed();
        $said = BulkWords::changed($texts, BulkAction::from($action), $n);
        $reasons = $change->reasons();
        $left = count($reasons);
        if ($left === 0) {
            return [$n === 0 ? $texts->say('No job was chosen: tick some, or all.') : $said];
        }
        $shown = implode(' ', array_map(static fn (string $reason): string => $texts->repeat("$reason."), array_slice($reasons, 0, self::REASONS_SHOWN)));

        $stays = $texts->count($left, '{n} job stays as it is:', '{n} jobs stay as they are:') . ' ' . $shown;

        return $n === 0 ? [$stays] : [$said, $stays];
    }

    /**
     * @param list<array{job: Job, owner: string}> $rows
     * @return list<array{job: Job, owner: string, veil: ?Veil}> with what hides the texts of others
     */
    private static function veiled(App $app, array $rows, User $admin, Texts $texts): array
    {
        return array_map(static fn (array $row): array => $row + ['veil' => Veil::over($app, $row['job'], $admin, $texts)], $rows);
    }
}
