<?php

declare(strict_types=1);

namespace CrowdSky\Pages\Admin;

use CrowdSky\Accounts\Accounts;
use CrowdSky\Accounts\User;
use CrowdSky\Accounts\Visitor;
use CrowdSky\Base\Refusal;
use CrowdSky\Http\Request;
use CrowdSky\Http\Response;
use CrowdSky\Jobs\JobServices;
use CrowdSky\Kernel\App;
use CrowdSky\Pages\Notes;
use CrowdSky\Pages\Texts;
use CrowdSky\Pages\Veil;
use CrowdSky\Pages\View;
use CrowdSky\Regrouping\Chunk;
use CrowdSky\Regrouping\ChunkChange;
use CrowdSky\Regrouping\RegroupingServices;
use CrowdSky\Uploads\OpenUploads;
use CrowdSky\Uploads\RawSub;
use CrowdSky\Uploads\UploadServices;

/** Chunks by hand: an admin merges, splits and queues those of any owner. */
final class ChunksPage
{
    private const CHANGES = 20;

    private function __construct(
        private readonly App $app,
        private readonly Request $request,
        private readonly Visitor $visitor,
        private readonly User $admin,
    ) {
    }

    /** @throws Refusal for everybody but admins, and for a form that is not ours */
    public static function answer(App $app, Request $request): Response
    {
        $visitor = Visitor::of($app, $request);
        $page = new self($app, $request, $visitor, $visitor->requireAdmin());
        if ($request->method() !== 'POST') {
            return $request->query('job') === null ? $page->list(null) : $page->show($request->queryId('job'), null);
        }
        $visitor->requireCsrf($request->form('csrf_token'));
        try {
            return Response::redirect($page->act());
        } catch (Refusal $refusal) {
            if (!$request->wantsPage()) {
                throw $refusal;
            }
            $shown = $request->form('job') === null ? $page->list($refusal) : $page->show($request->formId('job'), $refusal);

            return $shown->refusing($refusal->kind, $refusal->retryAfterSeconds);
        }
    }

    private function list(?Refusal $refusal): Response
    {
        $regrouping = RegroupingServices::of($this->app);
        $undo = $regrouping->undo();

        return View::of($this->visitor)->page('admin_chunks', 'Chunks', [
            'chunk' => null,
            'refusal' => $refusal,
            'uploads' => $this->openUploads()->all(),
            'changes' => array_map(
                static fn (ChunkChange $change): array => ['change' => $change, 'problem' => $undo->problem($change)],
                $regrouping->log()->latest(self::CHANGES),
            ),
        ]);
    }

    private function show(int $jobId, ?Refusal $refusal): Response
    {
        $regrouping = RegroupingServices::of($this->app);
        $job = JobServices::of($this->app)->store()->getShown($jobId);
        $around = $regrouping->reader()->around($job);
        $chunk = array_values(array_filter($around, static fn (Chunk $one): bool => $one->job->id === $jobId))[0];
        $others = array_values(array_filter($around, static fn (Chunk $one): bool => $one->job->id !== $jobId));
        $undo = $regrouping->undo();

        return View::of($this->visitor)->page('admin_chunks', 'Chunks', [
            'chunk' => $chunk,
            'refusal' => $refusal,
            'owner' => (new Accounts($this->app->database(), $this->app->clock()))->find($job->userId)?->username,
            'others' => array_map(
                static fn (Chunk $other): array => ['chunk' => $other, 'problem' => $chunk->problem ?? $regrouping->rules()->unlikeness($chunk, $other)],
                $others,
            ),
            'timeline' => ChunkTimeline::of($around, $jobId),
            'chunkMinutes' => $this->app->config()->chunkMinutes,
            'chosenJobs' => $refusal === null ? [] : $this->request->formIds('jobs'),
            'chosenSubs' => $refusal === null ? [] : $this->request->formIds('subs'),
            'changes' => array_map(
                static fn (ChunkChange $change): array => ['change' => $change, 'problem' => $undo->problem($change)],
                $regrouping->log()->ofJob($jobId, $job->userId),
            ),
        ], Veil::over($this->app, $job, $this->admin, Texts::of($this->request)));
    }

    /** @return string the page that shows what came of it */
    private function act(): string
    {
        $action = $this->request->form('action');
        $actor = $this->admin->actor();
        $texts = Texts::of($this->request);
        [$jobId, $note] = match ($action) {
            'merge' => $this->merge($texts, $actor),
            'cut', 'apart' => $this->split($texts, $actor, $action === 'cut'),
            'queue' => $this->queue($texts, $actor),
            'submit' => $this->submit($texts, $actor),
            'undo' => $this->undo($texts, $actor),
            default => throw Refusal::badInput("'action' must be merge, cut, apart, queue, submit or undo"),
        };
        Notes::leave($this->visitor, $note);

        return $jobId === null ? 'admin_chunks.php' : "admin_chunks.php?job=$jobId";
    }

    /** @return array{int, string} */
    private function merge(Texts $texts, string $actor): array
    {
        $jobs = array_values(array_unique([$this->request->formId('job'), ...$this->request->formIds('jobs')]));
        $jobId = RegroupingServices::of($this->app)->merge()->merge($jobs, $actor);

        return [$jobId, $texts->say('{n} chunks are one now: job {id}, which waits for a worker.', ['n' => count($jobs), 'id' => $jobId])];
    }

    /** @return array{int, string} */
    private function split(Texts $texts, string $actor, bool $isCut): array
    {
        $jobId = $this->request->formId('job');
        $subs = $this->request->formIds('subs');
        if ($isCut && $subs !== []) {
            $subs = $this->fromTheFirstOf($jobId, $subs);
        }
        $newId = RegroupingServices::of($this->app)->split()->split($jobId, $subs, $actor);

        return [$jobId, $texts->say('The chunk is split: {n} subs are in job {id} now.', ['n' => count($subs), 'id' => $newId])];
    }

    /**
     * @param non-empty-list<int> $chosen
     * @return list<int> the first of these subs in time, and all that follow it
     */
    private function fromTheFirstOf(int $jobId, array $chosen): array
    {
        $subs = (RegroupingServices::of($this->app)->reader()->chunks([$jobId])[0] ?? throw Refusal::notFound("There is no job $jobId"))->subs;
        $ids = array_map(static fn (RawSub $sub): int => $sub->frame->id, $subs);
        $places = array_keys(array_intersect($ids, $chosen));

        return $places === [] ? $chosen : array_slice($ids, $places[0]);
    }

    /** @return array{int, string} */
    private function queue(Texts $texts, string $actor): array
    {
        $jobId = $this->request->formId('job');
        JobServices::of($this->app)->admin()->requeue($jobId, $actor);

        return [$jobId, $texts->say('Job {id} is queued again.', ['id' => $jobId])];
    }

    /** @return array{null, string} */
    private function submit(Texts $texts, string $actor): array
    {
        $upload = $this->openUploads()->get($this->request->formId('upload'));
        $owner = (new Accounts($this->app->database(), $this->app->clock()))->find($upload->userId) ?? throw Refusal::notFound('The owner of this upload does not exist any more');
        $result = UploadServices::of($this->app)->finalizer()->finalize($owner, $upload->token, actor: $actor);

        return [null, $texts->count(count($result->queuedIds), 'The upload of {owner} is queued: {n} chunk.', 'The upload of {owner} is queued: {n} chunks.', ['owner' => $owner->username])];
    }

    /** @return array{?int, string} */
    private function undo(Texts $texts, string $actor): array
    {
        $change = RegroupingServices::of($this->app)->undo()->undo($this->request->formId('change'), $actor);

        return [$this->request->form('job') === null ? null : $change->jobId, $texts->say('The change is undone.')];
    }

    private function openUploads(): OpenUploads
    {
        return new OpenUploads($this->app->database(), $this->app->clock());
    }
}
