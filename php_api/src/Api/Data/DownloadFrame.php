<?php

declare(strict_types=1);

namespace CrowdSky\Api\Data;

use CrowdSky\Base\Refusal;
use CrowdSky\Http\Request;
use CrowdSky\Http\Response;
use CrowdSky\Kernel\App;
use CrowdSky\Series\SeriesServices;
use CrowdSky\Sky\SkyServices;
use CrowdSky\Sky\SkyStack;
use CrowdSky\Sky\Viewer;
use CrowdSky\Stacks\PublicCopies;
use CrowdSky\Stacks\StackTransfer;

/**
 * api/download_frame.php: one stack or a series of it as FITS, or what several are and where each can be had.
 *
 * `download_frame.php/ID/NAME.fits` is the same file as `download_frame.php?id=ID`, for programs that call a file as its
 * address ends.
 */
final class DownloadFrame
{
    private const MOST = 500;

    /** @throws Refusal without a data key, for ids that are none, and for stacks that the key does not see */
    public static function answer(App $app, Request $request): Response
    {
        $viewer = DataCall::keyHolder($app, $request);
        $ids = self::ids($request);

        return count($ids) === 1 ? self::file($app, $request, $ids[0], $viewer) : self::list($app, $request, $ids, $viewer);
    }

    /** The stack itself for its owner, and the copy without position for everybody else. */
    private static function file(App $app, Request $request, int $id, Viewer $viewer): Response
    {
        $stack = SkyServices::of($app)->stacks()->get($id, $viewer);
        if ($request->query('series') !== null) {
            return SeriesServices::of($app)->files()->send($request, $stack, $request->queryId('series'), $viewer->owns($stack->userId));
        }
        $name = self::described($app, [$id], $viewer)[$id]->fileName();
        $transfer = StackTransfer::of($app);
        $transfer->requireWhole($stack);

        return $viewer->owns($stack->userId)
            ? $transfer->stack($request, $stack, substr($name, 0, -strlen('.fits')))
            : PublicCopies::of($app)->send($request, $stack, $name);
    }

    /** @param list<int> $ids */
    private static function list(App $app, Request $request, array $ids, Viewer $viewer): Response
    {
        $call = new DataCall($request);
        $found = self::described($app, $ids, $viewer);
        $missing = array_diff($ids, array_keys($found));
        if ($missing !== []) {
            throw Refusal::notFound('There are no such stacks for this key: ' . implode(', ', $missing));
        }

        return Response::json(array_map(static fn (int $id): array => [
            'id' => $id,
            'chunk_key' => $found[$id]->healpixKey,
            'object_name' => $found[$id]->objectName,
            'filename' => $found[$id]->fileName(),
            'file_size_bytes' => $found[$id]->bytes,
            'download_url' => $call->address("download_frame.php?id=$id"),
        ], $ids));
    }

    /**
     * @param list<int> $ids
     * @return array<int, SkyStack>
     */
    private static function described(App $app, array $ids, Viewer $viewer): array
    {
        return SkyServices::of($app)->search()->byId($ids, $viewer);
    }

    /** @return non-empty-list<int> each once, in the given order */
    private static function ids(Request $request): array
    {
        $named = preg_match('~^/([1-9]\d{0,17})/[A-Za-z0-9._+-]{1,200}$~D', $request->pathInfo(), $match) === 1 ? $match[1] : null;
        $text = $named ?? $request->query('id') ?? '';
        if (preg_match('/^[1-9]\d{0,17}(,[1-9]\d{0,17})*$/D', $text) !== 1) {
            throw Refusal::badInput("'id' must be the id of a stack, or several with commas between them");
        }
        $ids = array_values(array_unique(array_map('intval', explode(',', $text))));
        if (count($ids) > self::MOST) {
            throw Refusal::badInput('At most ' . self::MOST . ' stacks can be asked for at once');
        }

        return $ids;
    }
}
