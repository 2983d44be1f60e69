<?php

declare(strict_types=1);

namespace CrowdSky\Pages;

use CrowdSky\Accounts\User;
use CrowdSky\Accounts\Visitor;
use CrowdSky\Base\Refusal;
use CrowdSky\Http\Request;
use CrowdSky\Http\Response;
use CrowdSky\Jobs\Job;
use CrowdSky\Jobs\JobServices;
use CrowdSky\Kernel\App;
use CrowdSky\Pages\Nights\RawWords;
use CrowdSky\Raws\RawServices;
use CrowdSky\Stacks\StackArchive;
use CrowdSky\Uploads\Night;
use CrowdSky\Uploads\UploadServices;
use CrowdSky\Uploads\UploadSession;

/** What the user's telescopes took, night by night; or the upload sessions, or one of them with its jobs. */
final class StatusPage
{
    private const DAY = '/^[0-9]{4}-?[0-9]{2}-?[0-9]{2}$/D';

    /** @throws Refusal for an unknown session */
    public static function answer(App $app, Request $request): Response
    {
        $visitor = Visitor::of($app, $request);
        $user = $visitor->requireUserForPage();
        $token = $request->query('session');
        if ($token !== null) {
            return self::session($app, $visitor, $user, $token);
        }

        if ($request->query('view') === 'uploads') {
            return View::of($visitor)->page('status', 'My uploads', ['sessions' => UploadServices::of($app)->history()->recent($user)]);
        }

        $until = $request->query('until') ?? '';
        $page = self::nights($app, $visitor, $user, $until);
        if ($until !== '' && preg_match(self::DAY, $until) !== 1) {
            return RefusedForm::inAddress($request, Refusal::badInput("'until' must be a day such as 2026-07-01", 'no_day')->at('until'), $page);
        }

        return $page;
    }

    private static function nights(App $app, Visitor $visitor, User $user, string $until): Response
    {
        $wanted = preg_match(self::DAY, $until) === 1 ? str_replace('-', '', $until) : null;
        $list = UploadServices::of($app)->nights();
        [$nights, $earlier] = $list->page($user, $wanted);
        $jobs = array_merge(...array_map(static fn (Night $night): array => $night->jobs, $nights));
        $jobIds = array_map(static fn (Job $job): int => $job->id, $jobs);

        return View::of($visitor)->page('nights', 'My nights', [
            'nights' => $nights,
            'until' => $wanted,
            'earlier' => $earlier,
            'isLive' => array_filter($jobs, static fn (Job $job): bool => !$job->status->isFinished()) !== [],
            'estimates' => JobServices::of($app)->runTimes()->of($jobs),
            'stacks' => (new StackArchive($app->database()))->ofJobs(...$jobIds),
            'raws' => new RawWords($list->raws($jobs), $app->config()->failedRawDays),
            'nOpen' => count(UploadServices::of($app)->sessions()->unfinished($user)),
            'chunkMinutes' => $app->config()->chunkMinutes,
        ]);
    }

    private static function session(App $app, Visitor $visitor, User $user, string $token): Response
    {
        $sessions = UploadServices::of($app)->sessions();
        $session = $sessions->find($user, $token) ?? throw Refusal::notFound('There is no such upload session.');
        $history = UploadServices::of($app)->history();
        $jobs = $history->jobsOf($session);
        $jobIds = array_map(fn (Job $job) => $job->id, $jobs);

        $view = View::of($visitor);

        return $view->page('session', $view->texts()->say('Upload {id}', ['id' => $session->id]), [
            'session' => $session,
            'zoneless' => RawServices::of($app)->zones()->missingIn($session->id),
            'files' => $session->status === UploadSession::UPLOADING ? $sessions->files($session) : [],
            'jobs' => $jobs,
            'estimates' => JobServices::of($app)->runTimes()->of($jobs),
            'stacks' => (new StackArchive($app->database()))->ofJobs(...$jobIds),
            'skipped' => $history->skippedOf($session),
            'leftOut' => $history->leftOutOf($session),
            'chunkMinutes' => $app->config()->chunkMinutes,
            'rawGraceHours' => $app->config()->rawGraceHours,
            'failedRawDays' => $app->config()->failedRawDays,
        ]);
    }
}
