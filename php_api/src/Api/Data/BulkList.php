<?php

declare(strict_types=1);

namespace CrowdSky\Api\Data;

use CrowdSky\Base\Refusal;
use CrowdSky\Http\Request;
use CrowdSky\Http\Response;
use CrowdSky\Kernel\App;
use CrowdSky\Sky\SkyStack;
use CrowdSky\Sky\StackHashes;

/**
 * api/bulk_list.php: files to download, each with its SHA-256: as JSON, for sha256sum or for aria2c.
 *
 * A hash that nobody has asked for yet is computed now, which takes reading the stack. A page therefore ends early rather
 * than without hashes.
 */
final class BulkList
{
    private const MOST = 200;
    private const SECONDS = 15;

    /** @throws Refusal without a data key, and for a parameter that is wrong; see docs/data-api.md */
    public static function answer(App $app, Request $request): Response
    {
        set_time_limit(0);
        $viewer = DataCall::keyHolder($app, $request);
        $call = new DataCall($request);
        $call->refuseUnknown([...SearchWish::PARAMETERS, 'format']);
        $format = $call->choice('format', ['json', 'sha256', 'aria2']) ?? 'json';
        $page = SearchWish::of($call, self::MOST)->page($app, $viewer);
        [$files, $isWhole] = self::files(StackHashes::of($app, $viewer), $page->stacks, $call, $app);
        $next = $isWhole || $files === [] ? $page->next : $page->stacks[count($files) - 1]->cursor();
        $answer = match ($format) {
            'json' => Response::json(['files' => $files, 'next' => $next]),
            'sha256' => Response::text(implode('', array_map(self::sumLine(...), $files))),
            'aria2' => Response::text(implode('', array_map(self::ariaEntry(...), $files))),
        };

        return $next === null ? $answer : $answer->with(['Link' => '<' . $call->following($next) . '>; rel="next"']);
    }

    /**
     * @param list<SkyStack> $stacks
     * @return array{list<array<string, mixed>>, bool} and whether these are all
     */
    private static function files(StackHashes $hashes, array $stacks, DataCall $call, App $app): array
    {
        $begun = $app->clock()->now()->getTimestamp();
        $files = [];
        foreach ($stacks as $stack) {
            if ($files !== [] && $app->clock()->now()->getTimestamp() - $begun >= self::SECONDS) {
                return [$files, false];
            }
            $files[] = [
                'id' => $stack->id,
                'filename' => $stack->fileName(),
                'file_size_bytes' => $stack->bytes,
                'sha256' => $hashes->sha256($stack),
                'download_url' => $call->address("download_frame.php?id={$stack->id}"),
            ];
        }

        return [$files, true];
    }

    /** @param array<string, mixed> $file */
    private static function sumLine(array $file): string
    {
        return $file['sha256'] === null ? '' : "{$file['sha256']}  {$file['filename']}\n";
    }

    /** @param array<string, mixed> $file */
    private static function ariaEntry(array $file): string
    {
        return $file['sha256'] === null
            ? ''
            : "{$file['download_url']}\n  out={$file['filename']}\n  checksum=sha-256={$file['sha256']}\n";
    }
}
