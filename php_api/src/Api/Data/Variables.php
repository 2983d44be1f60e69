<?php

declare(strict_types=1);

namespace CrowdSky\Api\Data;

use CrowdSky\Base\Refusal;
use CrowdSky\Http\Request;
use CrowdSky\Http\Response;
use CrowdSky\Kernel\App;
use CrowdSky\Measurements\MeasurementStore;
use CrowdSky\Sky\Cone;
use CrowdSky\Sky\SkyServices;
use CrowdSky\Sky\Viewer;
use CrowdSky\Variables\FoundVariable;
use CrowdSky\Variables\PictureArea;
use CrowdSky\Variables\VariableCatalogues;
use CrowdSky\Variables\VariablePage;
use CrowdSky\Variables\VariableSearch;
use CrowdSky\Variables\VariableStar;

/** api/variables.php: known variable stars in a cone or in the picture of a stack; page by page, as JSON or CSV. */
final class Variables
{
    private const NAMES = [
        'name', 'ra_deg', 'dec_deg', 'type', 'period', 'period_days', 'max', 'max_mag', 'min', 'min_mag', 'amplitude_mag', 'band', 'x', 'y',
    ];
    /** Degrees; for a larger cone the index would be read all around the sky. */
    private const MAX_RADIUS = 8.0;
    private const MAX_LIMIT = 1000;
    private const DEFAULT_LIMIT = 100;

    /** @throws Refusal for a data key that is not valid, for a parameter that is wrong, and where nothing can be found */
    public static function answer(App $app, Request $request): Response
    {
        $viewer = DataCall::anybody($app, $request);
        $call = new DataCall($request);
        $call->refuseUnknown(['ra', 'dec', 'radius', 'stack', 'limit', 'after', ...FieldTable::PARAMETERS]);
        $table = FieldTable::of($call, self::NAMES);
        $page = self::page($app, $call, $viewer);

        return $table->answer('variables', array_map(self::fields(...), $page->found), $page->next);
    }

    private static function page(App $app, DataCall $call, Viewer $viewer): VariablePage
    {
        $stack = $call->integer('stack', 1, 999_999_999_999);
        $limit = $call->integer('limit', 1, self::MAX_LIMIT) ?? self::DEFAULT_LIMIT;
        $after = $call->text('after');
        $cone = self::cone($call, $stack !== null);
        $picture = $stack === null ? null : self::picture($app, $stack, $viewer);
        $catalogue = (new VariableCatalogues($app->database(), $app->clock()))->current()
            ?? throw Refusal::notFound('This site has no catalogue of variable stars; its operator can import one');
        $search = new VariableSearch($app->database(), $catalogue);

        return $picture === null ? $search->inCone($cone, $limit, $after) : $search->inPicture($picture, $limit, $after);
    }

    private static function cone(DataCall $call, bool $hasStack): ?Cone
    {
        $ra = $call->number('ra', 0.0, 360.0);
        $dec = $call->number('dec', -90.0, 90.0);
        $radius = $call->number('radius', 0.0, self::MAX_RADIUS);
        $given = count(array_filter([$ra, $dec, $radius], static fn (?float $value): bool => $value !== null));
        if ($given !== ($hasStack ? 0 : 3)) {
            throw Refusal::badInput("Give either 'ra', 'dec' and 'radius', in degrees, or 'stack'");
        }

        return $hasStack ? null : Cone::of((float) $ra, (float) $dec, (float) $radius);
    }

    private static function picture(App $app, int $id, Viewer $viewer): PictureArea
    {
        $stack = SkyServices::of($app)->stacks()->get($id, $viewer);
        $solution = (new MeasurementStore($app->database()))->find($stack->id)?->solution;

        return ($solution === null ? null : PictureArea::of($solution))
            ?? throw Refusal::notFound("The stack {$stack->id} is not solved, so that no star can be found in it.");
    }

    /** @return array<string, mixed> */
    private static function fields(FoundVariable $found): array
    {
        $star = $found->star;

        return [
            'name' => $star->name,
            'ra_deg' => $star->ra,
            'dec_deg' => $star->dec,
            'type' => $star->type,
            'period' => $star->period,
            'period_days' => VariableStar::number($star->period),
            'max' => $star->max,
            'max_mag' => VariableStar::number($star->max),
            'min' => $star->min,
            'min_mag' => VariableStar::number($star->min),
            'amplitude_mag' => $star->amplitude(),
            'band' => $star->band,
            'x' => $found->x,
            'y' => $found->y,
        ];
    }
}
