<?php

declare(strict_types=1);

namespace CrowdSky\Api\Client;

use CrowdSky\Accounts\User;
use CrowdSky\Base\Refusal;
use CrowdSky\Http\Request;
use CrowdSky\Http\Response;
use CrowdSky\Kernel\App;
use CrowdSky\Uploads\FinalizeWish;
use CrowdSky\Uploads\PostedFile;
use CrowdSky\Uploads\UploadServices;

/** Raw subs from the user's own programs: the upload page's session, file and finalize with a password each time. */
final class RawUpload
{
    private function __construct(private readonly UploadServices $services, private readonly Request $request, private readonly User $user)
    {
    }

    /** @throws Refusal without the account of a user, and when the step cannot be taken; see docs/api.md */
    public static function answer(App $app, Request $request): Response
    {
        $call = new self(UploadServices::of($app), $request, ClientCall::user($app, $request));

        return Response::json(match ("{$request->method()} {$request->query('action')}") {
            'POST start' => $call->start(),
            'POST file' => $call->takeForm(),
            'PUT file' => $call->takeBody(),
            'POST finalize' => $call->finalize(),
            default => throw Refusal::badInput("'action' must be start, file or finalize"),
        });
    }

    /** @return array<string, mixed> */
    private function start(): array
    {
        return ['session_token' => $this->services->sessions()->start($this->user)->token];
    }

    /** @return array<string, mixed> */
    private function takeForm(): array
    {
        // First of all: a form that is too large for PHP arrives without its fields.
        $file = PostedFile::of($this->request, 'file');
        $taken = $this->services->receiver()->receive($this->user, $this->token(), $file->name, $file->open(), $file->bytes);

        return ['chunk_key' => $taken['chunk_key_hp']] + array_diff_key($taken, ['chunk_key_hp' => null]);
    }

    /**
     * Accepts a file as the request body, whatever its size and PHP's limits; with a hash, only those bytes.
     *
     * @return array<string, mixed>
     */
    private function takeBody(): array
    {
        $name = $this->request->header('X-Filename') ?? throw Refusal::badInput("The header 'X-Filename' is missing");
        $body = $this->request->body();
        $taken = $this->services->receiver()->receive(
            $this->user,
            $this->token(),
            rawurldecode($name),
            $body->stream(),
            $body->length(),
            $this->request->header('X-SHA256'),
        );

        return self::described($taken);
    }

    /** @return array<string, mixed> */
    private function finalize(): array
    {
        $wish = new FinalizeWish(
            replacesStacks: ClientCall::flag($this->request, 'overwrite'),
            hidesPosition: ClientCall::flag($this->request, 'scrub_location'),
        );
        $upload = $this->services->finalizer()->finalize($this->user, $this->token(), $wish);

        return [
            'ok' => true,
            'jobs' => count($upload->jobIds),
            'job_ids' => $upload->jobIds,
            'chunks' => $upload->healpixChunks,
            'skipped' => $upload->healpixSkipped,
            'left_out' => $upload->leftOut,
        ];
    }

    /**
     * @param array<string, mixed> $taken
     * @return array<string, mixed>
     */
    private static function described(array $taken): array
    {
        return ['chunk_key' => $taken['chunk_key_hp']] + array_diff_key($taken, ['chunk_key_hp' => null]);
    }

    private function token(): string
    {
        return $this->request->form('session_token') ?? $this->request->query('session_token') ?? throw Refusal::badInput("'session_token' is missing", 'no_session_token');
    }
}
