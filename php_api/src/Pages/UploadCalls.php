<?php

declare(strict_types=1);

namespace CrowdSky\Pages;

use CrowdSky\Accounts\Visitor;
use CrowdSky\Base\Refusal;
use CrowdSky\Http\JsonBody;
use CrowdSky\Http\Request;
use CrowdSky\Http\Response;
use CrowdSky\Kernel\App;
use CrowdSky\Raws\RawServices;
use CrowdSky\Uploads\SubBatch;
use CrowdSky\Uploads\UploadRules;
use CrowdSky\Uploads\UploadServices;

/** What the script of the upload page asks beside sending single files: rules, pre-flight, batches, the end of an upload. */
final class UploadCalls
{
    /** Files that one question may be about. */
    public const MOST_FILES = 1000;
    private const HASH = '/^[0-9a-f]{64}$/D';
    private const START = '/^[0-9]{4}-[0-9]{2}-[0-9]{2} [0-9]{2}:[0-9]{2}:[0-9]{2}$/D';

    private readonly UploadServices $services;

    public function __construct(
        private readonly App $app,
        private readonly Request $request,
        private readonly Visitor $visitor,
    ) {
        $this->services = UploadServices::of($app);
    }

    /** Returns what the site takes, the room that is left, open uploads, and a token for the other calls of this login. */
    public function rules(): Response
    {
        $user = $this->visitor->requireUser();

        return Response::json([
            'csrf_token' => $this->visitor->csrfToken(),
            'rules' => UploadRules::asJson($this->app->config()),
            'open' => $this->services->sessions()->unfinished($user),
            'shares_position' => $user->sharesPosition,
            'positions' => (object) RawServices::of($this->app)->positions()->chosen($user->id),
        ] + $this->services->quota()->room($user)->asJson());
    }

    /** Answers which of many files may be here (`frames`), and which are here and in what state (`sha256`). */
    public function preflight(): Response
    {
        $user = $this->visitor->requireUser();
        $body = $this->request->body()->json();
        $this->visitor->requireCsrf($body->optionalText('csrf_token', 64));
        $hashes = array_values(array_unique($body->messages('sha256', self::MOST_FILES, 65)));
        if (preg_grep(self::HASH, $hashes) !== $hashes) {
            throw $body->wrong('sha256', 'must be a list of hashes of 64 hex digits, lower case');
        }
        $known = $this->services->known();
        $states = $known->states($user, $hashes, null);
        $uploads = $known->openUploads($user, $hashes);
        $found = [];
        foreach ($hashes as $sha256) {
            if (isset($uploads[$sha256])) {
                $found[] = ['sha256' => $sha256, 'state' => 'uploaded', 'session_token' => $uploads[$sha256]];
            } elseif (isset($states[$sha256])) {
                $found[] = ['sha256' => $sha256, 'state' => $states[$sha256]];
            }
        }

        return Response::json([
            'candidates' => $known->candidates($user, self::frames($body)),
            'known' => $found,
        ] + $this->services->quota()->room($user)->asJson());
    }

    /** Accepts several small files in one body; each has its own answer. */
    public function takeBatch(string $token): Response
    {
        $user = $this->visitor->requireUser();
        $session = $this->services->sessions()->open($user, $token);
        $answers = $this->services->receiver()->receiveBatch($user, $token, SubBatch::of($this->request->body()->stream()));
        $isMissing = in_array('local', array_column($answers, 'clock'), true)
            && RawServices::of($this->app)->zones()->missingIn($session->id) !== [];

        $texts = Texts::of($this->request);
        $told = array_map(static fn (array $answer): array => isset($answer['error']) ? ['error' => $texts->repeat($answer['error'])] + $answer : $answer, $answers);

        return Response::json(
            ['files' => $told, 'needs_time_zone' => $isMissing] + $this->services->quota()->room($user)->asJson()
        );
    }

    /** Ends an upload and deletes what has arrived of it. */
    public function discard(string $token): Response
    {
        $user = $this->visitor->requireUser();
        $this->visitor->requireCsrf($this->request->form('csrf_token'));
        $frames = RawServices::of($this->app)->frames();
        $session = $this->services->sessions()->discard($user, $token, $frames->markDeletedOfSession(...));
        $frames->purge();
        if ($this->request->wantsPage()) {
            $texts = Texts::of($this->request);
            Notes::leave($this->visitor, $texts->say('Upload {id} was discarded, and its subs are deleted.', ['id' => $session->id]));

            return Response::redirect('upload.php');
        }

        return Response::json(['ok' => true] + $this->services->quota()->room($user)->asJson());
    }

    /** Keeps the choice whether workers may read where a telescope stood. */
    public function setPosition(): Response
    {
        $user = $this->visitor->requireUser();
        $this->visitor->requireCsrf($this->request->form('csrf_token'));
        $telescope = $this->request->form('telescope') ?? throw Refusal::badInput("'telescope' is missing");
        RawServices::of($this->app)->positions()->choose($user->id, $telescope, $this->request->form('is_shared'));

        return Response::json(['ok' => true]);
    }

    /** @return list<array{string, int}> start in stored form, and bytes */
    private static function frames(JsonBody $body): array
    {
        $frames = [];
        foreach ($body->objects('frames', self::MOST_FILES) as $frame) {
            $start = $frame->text('start', 19);
            if (preg_match(self::START, $start) !== 1) {
                throw $frame->wrong('start', 'must be a time such as 2025-03-27 01:20:32');
            }
            $frames[] = [$start, $frame->optionalInt('bytes', 0, PHP_INT_MAX) ?? throw $frame->wrong('bytes', 'is missing')];
        }

        return $frames;
    }
}
