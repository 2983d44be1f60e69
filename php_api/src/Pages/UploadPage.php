<?php

declare(strict_types=1);

namespace CrowdSky\Pages;

use CrowdSky\Accounts\User;
use CrowdSky\Accounts\Visitor;
use CrowdSky\Base\Refusal;
use CrowdSky\Http\Request;
use CrowdSky\Http\Response;
use CrowdSky\Kernel\App;
use CrowdSky\Raws\RawServices;
use CrowdSky\Uploads\PostedFile;
use CrowdSky\Uploads\UploadRefused;
use CrowdSky\Uploads\UploadServices;
use CrowdSky\Uploads\UploadSession;

/** The upload page, and the calls its script and other clients make: start, file, status; see also UploadCalls. */
final class UploadPage
{
    private function __construct(
        private readonly App $app,
        private readonly Request $request,
        private readonly Visitor $visitor,
    ) {
    }

    /** @throws Refusal when the call cannot be answered; see docs/api.md. The page of the script shows it, so it is in the reader's language */
    public static function answer(App $app, Request $request): Response
    {
        try {
            return self::called($app, $request);
        } catch (Refusal $refusal) {
            throw Messages::in(Texts::of($request))->refusal($refusal);
        }
    }

    private static function called(App $app, Request $request): Response
    {
        $page = new self($app, $request, Visitor::of($app, $request));
        $action = $request->query('action') ?? $request->form('action') ?? '';

        $method = $request->method() === 'HEAD' ? 'GET' : $request->method();
        $calls = new UploadCalls($app, $request, $page->visitor);

        return match ("$method $action") {
            'GET ' => $page->show(),
            'GET status' => $page->status(),
            'POST start' => $page->start(),
            'POST file' => $page->takeForm(),
            'PUT file' => $page->takeBody(),
            'PUT files' => $calls->takeBatch($page->token()),
            'GET rules' => $calls->rules(),
            'POST preflight' => $calls->preflight(),
            'POST discard' => $calls->discard($page->token()),
            'POST position' => $calls->setPosition(),
            default => throw $page->unknown($action),
        };
    }

    /** The page, for a form of it that was not taken. */
    public static function form(App $app, Request $request, Visitor $visitor): Response
    {
        return (new self($app, $request, $visitor))->show();
    }

    private function show(): Response
    {
        $user = $this->visitor->requireUserForPage();
        $services = UploadServices::of($this->app);
        $room = $services->quota()->room($user);

        $view = View::of($this->visitor);

        return $view->page('upload', 'Upload subs', [
            'maxFileBytes' => $this->app->config()->maxFileBytes,
            'chunkMinutes' => $this->app->config()->chunkMinutes,
            'maxFormFiles' => (int) ini_get('max_file_uploads'),
            'rawGraceHours' => $this->app->config()->rawGraceHours,
            'room' => $room,
            'remaining' => new Html('<strong id="remaining">' . Figures::bytes($view->texts(), $room->remainingBytes()) . '</strong>'),
            'zoneless' => RawServices::of($this->app)->zones()->missing($user->id),
            'unfinished' => $services->sessions()->unfinished($user),
        ]);
    }

    private function start(): Response
    {
        $user = $this->visitor->requireUser();
        $this->visitor->requireCsrf($this->request->form('csrf_token'));
        $services = UploadServices::of($this->app);
        $session = $services->sessions()->start($user);

        return Response::json(
            ['session_id' => $session->id, 'session_token' => $session->token] + $services->quota()->room($user)->asJson()
        );
    }

    /** Accepts one file as a form field. */
    private function takeForm(): Response
    {
        $user = $this->visitor->requireUser();
        $file = PostedFile::of($this->request, 'file');
        $receiver = UploadServices::of($this->app)->receiver();

        return $this->received($user, $receiver->receive($user, $this->token(), $file->name, $file->open(), $file->bytes));
    }

    /** Accepts one file as the request body, which PHP passes on piece by piece whatever its size. */
    private function takeBody(): Response
    {
        $user = $this->visitor->requireUser();
        // Addresses are in the logs of web servers, and names tell local time; so our own page sends them in a header.
        $header = $this->request->header('X-Filename');
        $name = ($header === null ? $this->request->query('filename') : rawurldecode($header))
            ?? throw Refusal::badInput("'filename' is missing");
        $receiver = UploadServices::of($this->app)->receiver();
        $body = $this->request->body()->stream();

        return $this->received(
            $user,
            $receiver->receive($user, $this->token(), $name, $body, $this->request->body()->length())
        );
    }

    /** @param array<string, mixed> $answer about a file */
    private function received(User $user, array $answer): Response
    {
        $session = $answer['clock'] === 'local' ? UploadServices::of($this->app)->sessions()->find($user, $this->token()) : null;
        $isMissing = $session !== null && RawServices::of($this->app)->zones()->missingIn($session->id) !== [];

        return Response::json($answer + ($isMissing ? ['needs_time_zone' => true] : []));
    }

    private function status(): Response
    {
        $user = $this->visitor->requireUser();
        $sessions = UploadServices::of($this->app)->sessions();
        $session = $sessions->find($user, $this->token());
        if ($session === null) {
            return Response::json(['status' => 'not_found', 'file_count' => 0, 'files' => []]);
        }
        $files = $sessions->files($session);

        return Response::json([
            'status' => $session->status,
            'file_count' => count($files),
            'files' => $session->status === UploadSession::UPLOADING ? $files : [],
        ]);
    }

    /** Explains an unknown action; a form too large for PHP arrives without one. */
    private function unknown(string $action): Refusal
    {
        return PostedFile::isDropped($this->request)
            ? UploadRefused::formTooLarge((string) ini_get('post_max_size'))
            : Refusal::badInput("There is no action '$action' by {$this->request->method()} here");
    }

    private function token(): string
    {
        $token = $this->request->query('session_token') ?? $this->request->form('session_token') ?? '';

        return $token !== '' ? $token : throw Refusal::badInput("'session_token' is missing", 'no_session_token');
    }
}
