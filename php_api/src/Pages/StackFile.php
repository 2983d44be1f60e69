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
use CrowdSky\Series\SeriesServices;
use CrowdSky\Sky\Viewer;
use CrowdSky\Sky\VisibleStacks;
use CrowdSky\Stacks\PublicCopies;
use CrowdSky\Stacks\Stack;
use CrowdSky\Stacks\StackTransfer;

/** Serves a stack, its pictures and its star list from the storage, which browsers cannot access. */
final class StackFile
{
    private const CUBE = 'cube';
    private const PUBLIC = 'public';

    public static function download(App $app, Request $request): Response
    {
        return self::answering($request, static function () use ($app, $request): Response {
            $user = Visitor::of($app, $request)->requireUser();
            $stack = self::stack($app, $request, $user);
            $isForOwner = $stack->userId === $user->id;
            if ($request->query('series') !== null) {
                return SeriesServices::of($app)->files()->send($request, $stack, $request->queryId('series'), $isForOwner);
            }
            $transfer = StackTransfer::of($app);
            $transfer->requireWhole($stack);

            $isWhole = $isForOwner || $user->isAdmin();
            return match ($request->query('form') ?? ($isWhole ? null : self::PUBLIC)) {
                null => $transfer->stack($request, $stack, self::stem($stack, $isForOwner)),
                self::CUBE => !$isWhole ? throw Refusal::forbidden('The colour cube is for its owner; form=public has its planes') : self::cube($app, $request, $stack, self::stem($stack, $isForOwner)),
                self::PUBLIC => PublicCopies::of($app)->send($request, $stack, self::stem($stack, false) . '_public.fits'),
                default => throw Refusal::badInput("'form' must be cube, public or absent"),
            };
        });
    }

    public static function thumbnail(App $app, Request $request): Response
    {
        return self::answering($request, static fn (): Response => self::companion($app, $request, ResultKind::Thumbnail, self::user($app, $request)));
    }

    /** The picture in the size asked for: page (the usual one), full, or preview in 16 bits. */
    public static function picture(App $app, Request $request): Response
    {
        $kind = match ($request->query('size') ?? 'page') {
            'page' => ResultKind::Picture,
            'full' => ResultKind::Full,
            'preview' => ResultKind::Preview,
            default => throw Refusal::badInput("'size' must be page, full or preview"),
        };

        return self::answering($request, static fn (): Response => self::companion($app, $request, $kind, self::user($app, $request)));
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
        $print = static fn (int $offset, int $length) => $cube->read($app->storage(), $stack->path, StackTransfer::send(...), $offset, $length);

        return FileResponse::streamed($request, $cube->bytes(), self::CUBE . "-{$stack->sha256}", 'application/fits', "{$stem}_rgb.fits", $print);
    }

    private static function companion(App $app, Request $request, ResultKind $kind, ?User $user): Response
    {
        $stack = self::stack($app, $request, $user);

        return StackTransfer::of($app)->companion($request, $stack, $kind, self::stem($stack, $stack->userId === $user?->id));
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
