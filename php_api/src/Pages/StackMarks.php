<?php

declare(strict_types=1);

namespace CrowdSky\Pages;

use CrowdSky\Accounts\Visitor;
use CrowdSky\Base\Refusal;
use CrowdSky\Fits\SkyPosition;
use CrowdSky\Http\Request;
use CrowdSky\Http\Response;
use CrowdSky\Kernel\App;
use CrowdSky\LightCurves\StackStars;
use CrowdSky\Measurements\FieldObject;
use CrowdSky\Measurements\Measurement;
use CrowdSky\Measurements\MeasurementStore;
use CrowdSky\Measurements\PlateSolution;
use CrowdSky\Measurements\TanProjection;
use CrowdSky\Sky\Viewer;
use CrowdSky\Sky\VisibleStacks;

/**
 * What there is to mark on the picture of a stack: its objects, and for whoever has a login its stars, which are data.
 */
final class StackMarks
{
    private const MOST_STARS = 3000;
    private const ARCSEC_OF_ARCMIN = 60.0;
    private const COLUMNS = ['id', 'ra', 'dec', 'x', 'y', 'mag_g', 'error_g', 'mag_r', 'mag_b', 'fwhm_px', 'flags'];

    /** @throws Refusal for a stack that the visitor may not see, or its stars without a login */
    public static function answer(App $app, Request $request): Response
    {
        $visitor = Visitor::of($app, $request);
        $isTable = match ($request->query('format')) {
            null, 'json' => false,
            'csv' => true,
            default => throw Refusal::badInput("'format' must be json or csv"),
        };
        $user = $isTable ? $visitor->requireUser() : $visitor->user();
        $stack = VisibleStacks::of($app)->get($request->queryId('id'), Viewer::of($user));
        $measurement = (new MeasurementStore($app->database()))->find($stack->id);
        $stars = $user === null ? null : (new StackStars($app->database()))->of($stack->id, self::MOST_STARS);
        if ($isTable) {
            $name = substr($stack->downloadName($stack->userId === $user->id), 0, -strlen('.fits')) . '_stars.csv';

            return Response::text(self::csv($stars))->with([
                'Content-Type' => 'text/csv; charset=utf-8; header=present',
                'Content-Disposition' => "attachment; filename=\"$name\"",
            ]);
        }
        $solution = $measurement?->solution;

        return Response::json([
            'width' => $solution?->wcs['width'] ?? null,
            'height' => $solution?->wcs['height'] ?? null,
            'objects' => $solution === null ? [] : self::objects($measurement, $solution, Texts::of($request)),
            'stars' => $stars,
        ]);
    }

    /** @return list<array<string, mixed>> those whose place in the picture is known; x, y as of stars, radius in pixels */
    private static function objects(Measurement $measurement, PlateSolution $solution, Texts $texts): array
    {
        $projection = TanProjection::of($solution);
        $marks = [];
        foreach ($projection === null ? [] : $measurement->objects as $object) {
            $pixel = $projection->pixelOf(SkyPosition::fromDegrees($object->ra, $object->dec) ?? throw new \LogicException('an object is not in the sky'));
            if ($pixel !== null) {
                $marks[] = ['type' => $texts->repeat($object->type)] + self::mark($object, $pixel, $solution->scale);
            }
        }

        return $marks;
    }

    /**
     * @param array{float, float} $pixel
     * @param float $scale arcsec per pixel
     * @return array<string, mixed>
     */
    private static function mark(FieldObject $object, array $pixel, float $scale): array
    {
        return [
            'name' => $object->messier ?? $object->name,
            'other_names' => array_values(array_diff([$object->name, ...$object->otherNames], [$object->messier ?? $object->name])),
            'type' => $object->type,
            'x' => round($pixel[0], 1),
            'y' => round($pixel[1], 1),
            'radius' => $object->size === null ? null : round($object->size * self::ARCSEC_OF_ARCMIN / $scale / 2.0, 1),
            'mag' => $object->magnitude,
        ];
    }

    /** @param list<array<string, int|float|null>> $stars */
    private static function csv(array $stars): string
    {
        $lines = [implode(',', self::COLUMNS)];
        foreach ($stars as $star) {
            $lines[] = implode(',', array_map(static fn (string $column): string => (string) $star[$column], self::COLUMNS));
        }

        return implode("\r\n", $lines) . "\r\n";
    }
}
