<?php

declare(strict_types=1);

namespace CrowdSky\Api\Client;

use CrowdSky\Base\Refusal;
use CrowdSky\Http\Request;
use CrowdSky\Http\Response;
use CrowdSky\Kernel\App;
use CrowdSky\Uploads\PostedFile;
use CrowdSky\Uploads\StackWish;
use CrowdSky\Uploads\UploadServices;

/**
 * A finished stack from the user's own programs. A preview that comes with it is not kept, because the worker draws one
 * from the stack.
 */
final class UploadStack
{
    /** @throws Refusal without the account of a user, and when the stack cannot be taken; see docs/api.md */
    public static function answer(App $app, Request $request): Response
    {
        $user = ClientCall::user($app, $request);
        // First of all: a form that is too large for PHP arrives without its fields.
        $file = PostedFile::of($request, 'file');
        $wish = new StackWish(
            self::count($request, 'n_frames_input'),
            self::count($request, 'n_frames_aligned'),
            ClientCall::flag($request, 'scrub_location'),
        );
        set_time_limit(0);
        $queued = UploadServices::of($app)->stackReceiver()->receive($user, $file, $file->open(), $wish);

        return Response::json(['ok' => true, 'job_id' => $queued->jobId, 'chunk_key' => $queued->chunkKey, 'status' => $queued->status]);
    }

    /** A number of frames; null when the field is absent, empty or 0, which says nothing. */
    private static function count(Request $request, string $field): ?int
    {
        $value = $request->form($field) ?? '';
        if (preg_match('/^[0-9]{0,6}$/D', $value) !== 1) {
            throw Refusal::badInput("'$field' must be a whole number");
        }

        return (int) $value ?: null;
    }
}
