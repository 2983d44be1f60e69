<?php

declare(strict_types=1);

namespace CrowdSky\Api\Data;

use CrowdSky\Base\Refusal;
use CrowdSky\Fits\SkyPosition;
use CrowdSky\Http\Request;
use CrowdSky\Http\Response;
use CrowdSky\Kernel\App;
use CrowdSky\LightCurves\AavsoReport;
use CrowdSky\LightCurves\Band;
use CrowdSky\LightCurves\CurveQuery;
use CrowdSky\LightCurves\CurveTable;
use CrowdSky\LightCurves\CurveWish;
use CrowdSky\LightCurves\StarListing;
use CrowdSky\LightCurves\StarNames;
use CrowdSky\Sky\Viewer;

/** api/light_curve.php: how bright a star was on every night, in every telescope. */
final class LightCurve
{
    private const AAVSO = 'aavso';
    private const LONGEST_SERIES = 86_400;
    private const NOTE = 'X-Note';

    /** @throws Refusal without a key and a login, for a parameter that is wrong, and for a star that is not seen */
    public static function answer(App $app, Request $request): Response
    {
        $viewer = DataCall::reader($app, $request);
        $call = new DataCall($request);
        $call->refuseUnknown(['star', 'ra', 'dec', 'band', 'version', 'field', 'series', 'quality', 'name', 'obscode', TableAnswer::PARAMETER]);
        $format = TableAnswer::wanted($call, [self::AAVSO]);
        [$name, $observer] = self::names($call, $format === self::AAVSO);
        $wish = self::wish($app, $call, $viewer, $format === self::AAVSO);
        $curve = CurveQuery::of($app)->curve($wish, $viewer);
        $stem = "light_curve_star_{$curve->star->id}";
        // In a header too: CSV has no other place for it.
        $notes = array_filter([$curve->note(), $curve->copiesNote()], is_string(...));
        $headers = $notes === [] ? [] : [self::NOTE => implode(' ', $notes)];
        if ($format !== self::AAVSO) {
            return TableAnswer::of($request, $format, CurveTable::of($curve), $stem)->with($headers);
        }
        $known = $name ?? StarNames::of($app)->nameOf($curve->star) ?? "CrowdSky {$curve->star->id}";
        $report = new AavsoReport($known, $observer, (string) parse_url($call->page(''), PHP_URL_HOST), $wish->isGoodOnly);

        return TableAnswer::file(
            $request,
            static fn (\Closure $sink) => $report->write($curve, $sink),
            AavsoReport::MEDIA_TYPE,
            "{$stem}_aavso.txt",
        )->with($headers);
    }

    private static function wish(App $app, DataCall $call, Viewer $viewer, bool $isReport): CurveWish
    {
        $band = $call->choice('band', Band::publicNames());
        $quality = $call->choice('quality', ['all', 'good']) ?? ($isReport ? 'good' : 'all');

        return new CurveWish(
            starId: self::star($app, $call, $viewer),
            band: $band === null ? null : Band::ofPublicName($band),
            version: $call->text('version'),
            fieldId: $call->integer('field', 1, 999_999_999_999),
            seriesSeconds: $call->integer('series', 1, self::LONGEST_SERIES) ?? 0,
            isGoodOnly: $quality === 'good',
        );
    }

    private static function star(App $app, DataCall $call, Viewer $viewer): int
    {
        $id = $call->integer('star', 1, 999_999_999_999);
        $place = SkyPosition::fromDegrees($call->number('ra', 0.0, 360.0), $call->number('dec', -90.0, 90.0));
        if (($id === null) === ($place === null)) {
            throw Refusal::badInput("Give either 'star', or 'ra' and 'dec' in degrees");
        }

        return $id ?? StarListing::of($app)->nearest($place, $viewer)->id;
    }

    /** @return array{string|null, string|null} the star's name and the observer's code for a report to the AAVSO */
    private static function names(DataCall $call, bool $isReport): array
    {
        $name = $call->text('name');
        $observer = $call->text('obscode');
        if (!$isReport && ($name !== null || $observer !== null)) {
            throw Refusal::badInput("'name' and 'obscode' are for format=" . self::AAVSO . ' only');
        }
        $longest = AavsoReport::LIMITS['NAME'];
        if ($name !== null && AavsoReport::plain($name, $longest) !== $name) {
            throw Refusal::badInput("'name' must have at most $longest characters of ASCII, none of them a comma, a quote, | or #");
        }
        if ($observer !== null && preg_match('/^[A-Za-z0-9]{2,5}$/D', $observer) !== 1) {
            throw Refusal::badInput("'obscode' must be an observer code of the AAVSO: two to five letters and digits");
        }

        return [$name, $observer === null ? null : strtoupper($observer)];
    }
}
