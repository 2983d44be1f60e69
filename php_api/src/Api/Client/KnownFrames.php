<?php

declare(strict_types=1);

namespace CrowdSky\Api\Client;

use CrowdSky\Base\Refusal;
use CrowdSky\Http\Request;
use CrowdSky\Http\Response;
use CrowdSky\Kernel\App;
use CrowdSky\Uploads\UploadServices;
use CrowdSky\Uploads\UploadSession;

/** Which of many files the user need not send, asked before an upload. */
final class KnownFrames
{
    public const MOST_HASHES = 1000;

    private const HASH = '/^[0-9a-f]{64}$/D';

    /** @throws Refusal without the account of a user; see docs/api.md */
    public static function answer(App $app, Request $request): Response
    {
        $user = ClientCall::user($app, $request);
        $body = $request->body()->json();
        $hashes = array_values(array_unique($body->messages('sha256', self::MOST_HASHES, 65)));
        if (preg_grep(self::HASH, $hashes) !== $hashes) {
            throw $body->wrong('sha256', 'must be a list of hashes of 64 hex digits, lower case');
        }
        $services = UploadServices::of($app);
        $token = $body->optionalText('session_token', 64);
        $session = $token === null ? null : $services->sessions()->find($user, $token);
        $config = $app->config();
        $known = [];
        foreach ($services->known()->states($user, $hashes, $session) as $sha256 => $state) {
            $known[] = ['sha256' => (string) $sha256, 'state' => $state];
        }

        return Response::json([
            'known' => $known,
            'is_open' => $session?->status === UploadSession::UPLOADING,
            'max_file_bytes' => $config->maxFileBytes,
            'chunk_minutes' => $config->chunkMinutes,
            'pointing_tolerance_deg' => $config->pointingToleranceDeg,
        ] + $services->quota()->room($user)->asJson());
    }
}
