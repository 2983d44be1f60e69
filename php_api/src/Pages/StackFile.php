<?php

declare(strict_types=1);

namespace CrowdSky\Pages;

use CrowdSky\Accounts\User;
use CrowdSky\Accounts\Visitor;
use CrowdSky\Base\Refusal;
use CrowdSky\Base\RefusalKind;
use CrowdSky\Fits\RgbCube;
use CrowdSky\Http\FileResponse;
use CrowdSky\Http\Request;
use CrowdSky\Http\Response;
use CrowdSky\Kernel\App;
use CrowdSky\Results\ResultKind;
use CrowdSky\Sky\Viewer;
use CrowdSky\Sky\VisibleStacks;
use CrowdSky\Stacks\PublicCopies;
use CrowdSky\Stacks\Stack;

/**
 * Serves a stack, its pictures and its star list from the storage, which browsers cannot access.
 *
 * Storage is asked for the size before anything is sent, so that an error never looks like a file.
 */
final class StackFile
{
    private const PICTURE_MAX_AGE = 86400;
    private const CUBE = 'cube';
    private const PUBLIC = 'public';

    public static function download(App $app, Request $request): Response
    {
        return self::answering($request, static function () use ($app, $request): Response {
            $user = Visitor::of($app, $request)->requireUser();
            $stack = self::stack($app, $request, $user);
            $isForOwner = $stack->userId === $user->id;
            if (self::size($app, $stack->path) !== $stack->bytes) {
                throw Refusal::notFound('This stack is missing or damaged in storage; please tell the operator.');
            }

            $isWhole = $isForOwner || $user->isAdmin();
            return match ($request->query('form') ?? ($isWhole ? null : self::PUBLIC)) {
                null => self::stream($app, $request, [$stack->path, $stack->bytes, self::stem($stack, $isForOwner)], $stack, 'application/fits', ResultKind::Stack),
                self::CUBE => !$isWhole ? throw Refusal::forbidden('The colour cube is for its owner; form=public has its planes') : self::cube($app, $request, $stack, self::stem($stack, $isForOwner)),
                self::PUBLIC => self::publicCopy($app, $request, $stack),
                default => throw Refusal::badInput("'form' must be cube, public or absent"),
            };
        });
    }

    public static function thumbnail(App $app, Request $request): Response
    {
        return self::answering($request, static fn (): Response => self::companion($app, $request, ResultKind::Thumbnail, self::user($app, $request)));
    }

    public static function overlay(App $app, Request $request): Response
    {
        return self::companion($app, $request, ResultKind::Overlay, self::user($app, $request));
    }

    public static function stars(App $app, Request $request): Response
    {
        return self::companion($app, $request, ResultKind::Stars, Visitor::of($app, $request)->requireUser());
    }

    /** The stack as one image of three colours, for programs that do not open its planes. */
    private static function cube(App $app, Request $request, Stack $stack, string $stem): Response
    {
        $cube = RgbCube::ofStored($app->storage(), $stack->path, $stack->bytes)
            ?? throw Refusal::notFound('This stack has no three planes of one kind, so there is no colour cube of it.');
        $print = static fn (int $offset, int $length) => $cube->read($app->storage(), $stack->path, self::send(...), $offset, $length);

        return FileResponse::streamed($request, $cube->bytes(), self::CUBE . "-{$stack->sha256}", 'application/fits', "{$stem}_rgb.fits", $print);
    }

    /** The stack as strangers may have it, for its owner to pass on. */
    private static function publicCopy(App $app, Request $request, Stack $stack): Response
    {
        set_time_limit(0);
        $copies = PublicCopies::of($app);
        $copy = $copies->copyOf($stack);
        $sha256 = $copies->sha256($stack, $copy);
        $print = static fn (int $offset, int $length) => $copy->read($offset, $length, self::send(...));

        return FileResponse::streamed($request, $copy->size(), $sha256, 'application/fits', self::stem($stack, false) . '_public.fits', $print);
    }

    private static function send(string $piece): void
    {
        echo $piece;
        flush();
    }

    private static function companion(App $app, Request $request, ResultKind $kind, ?User $user): Response
    {
        $stack = self::stack($app, $request, $user);
        $path = $stack->pathOf($kind) ?? throw Refusal::notFound("This stack has no {$kind->label()}.");
        $bytes = self::size($app, $path) ?? throw Refusal::notFound("The {$kind->label()} is missing in storage.");
        $type = $kind === ResultKind::Stars ? 'application/json' : 'image/png';

        return self::stream($app, $request, [$path, $bytes, self::stem($stack, $stack->userId === $user?->id)], $stack, $type, $kind)
            ->with(['Cache-Control' => 'private, max-age=' . self::PICTURE_MAX_AGE]);
    }

    /** @param User|null $user null without a login */
    private static function stack(App $app, Request $request, ?User $user): Stack
    {
        return VisibleStacks::of($app)->get($request->queryId('id'), Viewer::of($user));
    }

    private static function user(App $app, Request $request): ?User
    {
        return Visitor::of($app, $request)->user();
    }

    private static function stem(Stack $stack, bool $isForOwner): string
    {
        return substr($stack->downloadName($isForOwner), 0, -strlen('.fits'));
    }

    private static function size(App $app, string $path): ?int
    {
        return $app->storage()->size($path);
    }

    /** @param array{string, int, string} $file path and bytes, and its name without an ending */
    private static function stream(App $app, Request $request, array $file, Stack $stack, string $type, ResultKind $kind): Response
    {
        [$path, $bytes, $stem] = $file;
        $isStack = $kind === ResultKind::Stack;
        $print = static function (int $offset, int $length) use ($app, $path): void {
            $app->storage()->read($path, self::send(...), $offset, $length);
        };
        $tag = $isStack ? $stack->sha256 : "{$kind->value}-{$stack->sha256}";

        return FileResponse::streamed($request, $bytes, $tag, $type, $stem . $kind->suffix(), $print, $isStack ? 'attachment' : 'inline');
    }

    /** Reports errors in plain text, since scripts save what they get; people get a page. */
    private static function answering(Request $request, \Closure $answer): Response
    {
        try {
            return $answer();
        } catch (Refusal $error) {
            if ($request->wantsPage() || !in_array($error->kind, [RefusalKind::BadInput, RefusalKind::NotFound], true)) {
                throw $error;
            }

            return Response::text($error->getMessage() . "\n")->refusing($error->kind);
        }
    }
}
