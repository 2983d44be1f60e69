<?php

declare(strict_types=1);

namespace CrowdSky\Pages;

use CrowdSky\Accounts\User;
use CrowdSky\Accounts\Visitor;
use CrowdSky\Base\Refusal;
use CrowdSky\Fits\UnreadableTable;
use CrowdSky\Hips\Withdrawal;
use CrowdSky\Http\Request;
use CrowdSky\Http\Response;
use CrowdSky\Jobs\Job;
use CrowdSky\Jobs\JobKind;
use CrowdSky\Jobs\JobServices;
use CrowdSky\Kernel\App;
use CrowdSky\Pages\Admin\JobTimeline;
use CrowdSky\Pages\Nights\SubReportView;
use CrowdSky\Raws\PlainName;
use CrowdSky\Raws\RawFrame;
use CrowdSky\Raws\RawServices;
use CrowdSky\Regrouping\RegroupingServices;
use CrowdSky\Series\SeriesOrder;
use CrowdSky\Sky\VisibleStacks;
use CrowdSky\Stacks\Stack;
use CrowdSky\Stacks\StackArchive;
use CrowdSky\Stacks\SubReport;
use CrowdSky\Storage\ObjectMissing;

/** One job with its history, and what its owner or an admin can do with it. */
final class JobPage
{
    private function __construct(
        private readonly App $app,
        private readonly Request $request,
        private readonly Visitor $visitor,
        private readonly User $user,
    ) {
    }

    /** @throws Refusal for a job that is not the user's, and when the action is not possible now */
    public static function answer(App $app, Request $request): Response
    {
        $visitor = Visitor::of($app, $request);
        $page = new self($app, $request, $visitor, $visitor->requireUserForPage());

        return $request->method() === 'POST' ? $page->take() : $page->show($request->queryId('id'));
    }

    private function show(int $id): Response
    {
        $job = JobServices::of($this->app)->store()->getShown($id);
        if ($job->userId !== $this->user->id && !$this->user->isAdmin()) {
            throw Refusal::notFound("There is no job {$job->id}");
        }

        $archive = new StackArchive($this->app->database());
        $stackId = $job->kind === JobKind::Series ? SeriesOrder::ofJob($job)->stackId : $job->stackId ?? $archive->ofJobs($job->id)[$job->id] ?? null;
        $stack = $stackId === null ? null : VisibleStacks::of($this->app)->getOwn($stackId, $this->user);
        if ($this->request->query('view') === 'subs') {
            return $this->subs($job, $stack);
        }

        $view = View::of($this->visitor);

        return $view->page('job', $view->texts()->say('Job {id}', ['id' => $job->id]), [
            'job' => $job,
            'clock' => StackClock::of($this->app, $job, $stack),
            'stackId' => $stackId,
            'estimates' => JobServices::of($this->app)->runTimes()->of([$job]),
            'chunkMinutes' => $this->app->config()->chunkMinutes,
            'change' => RegroupingServices::of($this->app)->log()->ofJob($job->id, $job->userId)[0] ?? null,
            'damagedAt' => $archive->damageOfJob($job->id),
            'timeline' => $this->user->isAdmin() ? new JobTimeline($view->texts(), $this->user, JobServices::of($this->app)->runs()->ofJob($job)) : null,
            'events' => JobServices::of($this->app)->events()->ofJob($job->id),
            'subs' => RawServices::of($this->app)->frames()->listing($job->id),
        ], Veil::over($this->app, $job, $this->user, Texts::of($this->request)));
    }

    /** @param Stack|null $stack that the job made */
    private function subs(Job $job, ?Stack $stack): Response
    {
        if ($stack === null || $job->kind !== JobKind::Stack || $job->userId !== $this->user->id) {
            throw Refusal::notFound("The job {$job->id} has no stack of yours that says what became of its subs.");
        }
        $view = View::of($this->visitor);
        try {
            $subs = SubReport::ofStored($this->app->storage(), $stack->path, $stack->bytes);
        } catch (ObjectMissing | UnreadableTable $error) {
            throw Refusal::notFound("The report of the subs of job {$job->id} cannot be read: the stack is damaged or missing in storage.");
        }

        return $view->page('job_subs', $view->texts()->say('Subs of {object}', ['object' => $job->objectName ?? $view->texts()->say('unnamed object')]), [
            'job' => $job,
            'stackId' => $stack->id,
            'report' => $subs === null ? null : new SubReportView($subs, $view->texts()),
            'names' => $this->namesOf($job),
            'chunkMinutes' => $this->app->config()->chunkMinutes,
        ]);
    }

    /** @return array<array-key, string> the owner's names of the subs, by those that workers were given */
    private function namesOf(Job $job): array
    {
        $names = [];
        foreach (RawServices::of($this->app)->frames()->listing($job->id) as $row) {
            $names[PlainName::of($row['filename'], (int) $row['id'])] ??= $row['filename'];
            $names[RawFrame::publicName((int) $row['id'])] = $row['filename'];
        }

        return $names;
    }

    private function take(): Response
    {
        $this->visitor->requireCsrf($this->request->form('csrf_token'));

        return RefusedForm::take($this->request, $this->act(...), fn (): Response => $this->show($this->request->formId('job_id')));
    }

    private function act(): Response
    {
        $jobId = $this->request->formId('job_id');
        $actor = $this->user->actor();
        $ownerId = $this->user->isAdmin() ? null : $this->user->id;
        $action = $this->request->form('action');
        match ($action) {
            'cancel' => JobServices::of($this->app)->admin()->cancel($jobId, $actor, $ownerId),
            'requeue' => JobServices::of($this->app)->admin()->requeue($jobId, $actor, $ownerId),
            'delete' => Withdrawal::of($this->app)->removeJob($jobId, $this->user),
            'priority' => $this->setPriority($jobId, $actor),
            default => throw Refusal::badInput("'action' must be cancel, requeue, delete or priority"),
        };

        Notes::leave($this->visitor, $this->done($action, $jobId));

        return Response::redirect($this->returnAddress() ?? ($action === 'delete' ? 'status.php' : "job.php?id=$jobId"));
    }

    /** What an action has done, for the page that follows. */
    private function done(string $action, int $jobId): string
    {
        $texts = Texts::of($this->request);

        return match ($action) {
            'cancel' => $texts->say('Job {id} is cancelled.', ['id' => $jobId]),
            'requeue' => $texts->say('Job {id} is queued again.', ['id' => $jobId]),
            'priority' => $texts->say('Job {id} has another priority now.', ['id' => $jobId]),
            default => $texts->say('Job {id} is deleted, with all that was made for it alone.', ['id' => $jobId]),
        };
    }

    private function setPriority(int $jobId, string $actor): void
    {
        $this->visitor->requireAdmin();
        $priority = filter_var($this->request->form('priority'), FILTER_VALIDATE_INT);
        if ($priority === false) {
            throw Refusal::badInput('The priority must be a whole number', 'no_priority')->at('priority');
        }
        JobServices::of($this->app)->admin()->setPriority($jobId, $priority, $actor);
    }

    /** Address of the list that the form was on, if it is one of ours. */
    private function returnAddress(): ?string
    {
        $address = $this->request->form('return') ?? '';

        return preg_match('/^(admin|status)\.php(\?[A-Za-z0-9=&-]*)?$/D', $address) ? $address : null;
    }
}
