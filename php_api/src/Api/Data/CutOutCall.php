<?php

declare(strict_types=1);

namespace CrowdSky\Api\Data;

use CrowdSky\Base\Refusal;
use CrowdSky\Fits\CutOut;
use CrowdSky\Fits\CutOutPicture;
use CrowdSky\Fits\PixelWindow;
use CrowdSky\Fits\PublicHeader;
use CrowdSky\Fits\SkyPosition;
use CrowdSky\Http\FileResponse;
use CrowdSky\Http\Request;
use CrowdSky\Http\Response;
use CrowdSky\Kernel\App;
use CrowdSky\Measurements\MeasurementStore;
use CrowdSky\Measurements\TanProjection;
use CrowdSky\Sky\SkyServices;
use CrowdSky\Stacks\Stack;
use CrowdSky\Stacks\StackTransfer;

/** api/cutout.php: a square of a stack around a position, as FITS or PNG. */
final class CutOutCall
{
    private const FITS = 'fits';
    private const PNG = 'png';
    private const DEFAULT_SIZE = 10.0;
    private const MAX_SIZE = 600.0;

    /** @throws Refusal without a data key, for a parameter that is wrong, and where there is nothing to cut */
    public static function answer(App $app, Request $request): Response
    {
        $viewer = DataCall::keyHolder($app, $request);
        $call = new DataCall($request);
        $call->refuseUnknown(['id', 'ra', 'dec', 'size', 'format']);
        $stack = SkyServices::of($app)->stacks()->get($request->queryId('id'), $viewer);
        $format = $call->choice('format', [self::FITS, self::PNG]) ?? self::FITS;
        $window = self::window($app, $call, $stack);
        StackTransfer::of($app)->requireWhole($stack);
        $name = substr(SkyServices::of($app)->search()->byId([$stack->id], $viewer)[$stack->id]->fileName(), 0, -strlen('.fits'));

        return $format === self::FITS
            ? self::fits($app, $request, $stack, $window, "{$name}_cutout.fits")
            : self::png($app, $request, $stack, $window, "{$name}_cutout.png");
    }

    private static function window(App $app, DataCall $call, Stack $stack): PixelWindow
    {
        $ra = $call->number('ra', 0.0, 360.0) ?? throw Refusal::badInput("'ra' is missing");
        $dec = $call->number('dec', -90.0, 90.0) ?? throw Refusal::badInput("'dec' is missing");
        $size = $call->number('size', 0.01, self::MAX_SIZE) ?? self::DEFAULT_SIZE;
        $solution = (new MeasurementStore($app->database()))->find($stack->id)?->solution;
        $projection = $solution === null ? null : TanProjection::of($solution);
        if ($solution === null || $projection === null) {
            throw Refusal::notFound("The stack {$stack->id} is not solved, so that no position can be found in it.");
        }
        $place = SkyPosition::fromDegrees($ra, $dec);
        $pixel = $place === null ? null : $projection->pixelOf($place);
        [$width, $height] = [$solution->wcs['width'] ?? 0, $solution->wcs['height'] ?? 0];
        $side = $size * 60.0 / $solution->scale;

        return ($pixel === null ? null : PixelWindow::around($pixel[0], $pixel[1], $side, (int) $width, (int) $height))
            ?? throw Refusal::notFound("The position is not in the picture of the stack {$stack->id}.");
    }

    private static function fits(App $app, Request $request, Stack $stack, PixelWindow $window, string $name): Response
    {
        $cut = CutOut::ofStored($app->storage(), $stack->path, $stack->bytes, $window) ?? throw self::noPicture($stack);
        $print = static fn (int $offset, int $length) => $cut->read($offset, $length, StackTransfer::send(...));

        return FileResponse::streamed($request, $cut->size(), self::tag($stack, $window), 'application/fits', $name, $print);
    }

    private static function png(App $app, Request $request, Stack $stack, PixelWindow $window, string $name): Response
    {
        if ($window->width * $window->height > CutOutPicture::MAX_PIXELS) {
            throw Refusal::badInput("'size' is too large for a picture, which may have " . CutOutPicture::MAX_PIXELS . ' pixels; format=fits has no limit');
        }
        $png = CutOutPicture::ofStored($app->storage(), $stack->path, $stack->bytes, $window) ?? throw self::noPicture($stack);
        $print = static fn (int $offset, int $length) => StackTransfer::send(substr($png, $offset, $length));

        return FileResponse::streamed($request, strlen($png), 'png-' . self::tag($stack, $window), 'image/png', $name, $print, 'inline');
    }

    private static function tag(Stack $stack, PixelWindow $window): string
    {
        return implode('-', [$stack->sha256, PublicHeader::VERSION, $window->x, $window->y, $window->width, $window->height]);
    }

    private static function noPicture(Stack $stack): Refusal
    {
        return Refusal::notFound("The file of the stack {$stack->id} has no pictures of the size that its solution names.");
    }
}
