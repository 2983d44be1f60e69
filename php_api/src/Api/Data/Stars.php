<?php

declare(strict_types=1);

namespace CrowdSky\Api\Data;

use CrowdSky\Base\Refusal;
use CrowdSky\Http\Request;
use CrowdSky\Http\Response;
use CrowdSky\Kernel\App;
use CrowdSky\LightCurves\FoundStar;
use CrowdSky\LightCurves\StarListing;
use CrowdSky\LightCurves\StarNames;
use CrowdSky\LightCurves\StarPage;
use CrowdSky\Sky\Cone;
use CrowdSky\Tables\Column;
use CrowdSky\Tables\ColumnType;
use CrowdSky\Tables\Table;

/** api/stars.php: the stars of the archive's list in a cone; page by page. */
final class Stars
{
    /** Degrees. */
    private const MAX_RADIUS = 2.0;
    private const MAX_LIMIT = 1000;
    private const DEFAULT_LIMIT = 100;

    /** @throws Refusal without a key and a login, and for a parameter that is wrong */
    public static function answer(App $app, Request $request): Response
    {
        $viewer = DataCall::reader($app, $request);
        $call = new DataCall($request);
        $call->refuseUnknown(['ra', 'dec', 'radius', 'limit', 'after', TableAnswer::PARAMETER]);
        $format = TableAnswer::wanted($call);
        $cone = self::cone($call);
        $limit = $call->integer('limit', 1, self::MAX_LIMIT) ?? self::DEFAULT_LIMIT;
        $page = StarListing::of($app)->inCone($cone, $viewer, $limit, $call->integer('after', 1, 999_999_999_999) ?? 0);
        $names = StarNames::of($app)->namesOf(array_map(static fn (FoundStar $found) => $found->star, $page->stars), $cone);
        $answer = TableAnswer::of($request, $format, self::table($page, $names, new StarLinks($call)), 'stars');

        return $page->next === null ? $answer : $answer->with(['Link' => '<' . $call->following((string) $page->next) . '>; rel="next"']);
    }

    private static function cone(DataCall $call): Cone
    {
        $ra = $call->number('ra', 0.0, 360.0);
        $dec = $call->number('dec', -90.0, 90.0);
        $radius = $call->number('radius', 0.0, self::MAX_RADIUS);

        return $ra === null || $dec === null || $radius === null
            ? throw Refusal::badInput("A cone needs 'ra', 'dec' and 'radius', in degrees")
            : Cone::of($ra, $dec, $radius);
    }

    /** @param array<int, string> $names of variable stars, by id */
    private static function table(StarPage $page, array $names, StarLinks $links): Table
    {
        [$real, $integer, $text] = [ColumnType::Real, ColumnType::Integer, ColumnType::Text];
        $columns = [
            ...StarColumns::numberAndPlace('id'),
            new Column('gaia_id', $text, 'Its number in Gaia DR3', '', 'meta.id.cross'),
            new Column('mag_tg', $real, 'Mean magnitude in green, where the field is calibrated', 'mag', 'phot.mag;em.opt.V;stat.mean'),
            new Column('mag_error', $real, 'Its error', 'mag', 'stat.error;phot.mag;em.opt.V'),
            new Column('n_observations', $integer, 'Epochs that you can see', '', 'meta.number;obs'),
            new Column('first_obs', $text, 'Middle of the first of them, UTC', '', 'time.start;obs'),
            new Column('last_obs', $text, 'Middle of the last of them, UTC', '', 'time.end;obs'),
            new Column('flags', $integer, 'Flags of its calibration', '', 'meta.code'),
            new Column('variable_of', $text, 'Its name in the imported catalogue of variable stars', '', 'meta.id.cross'),
        ];
        $rows = array_map(static fn (FoundStar $found): array => self::row($found, $names[$found->star->id] ?? null), $page->stars);

        $facts = ['next' => $page->next === null ? null : (string) $page->next];

        return new Table('stars', 'Stars of this archive', $columns, $facts, $rows, $links->lightCurves($columns[0]));
    }

    /** @return list<string|int|float|null> */
    private static function row(FoundStar $found, ?string $name): array
    {
        return [
            $found->star->id, $found->star->position->ra, $found->star->position->dec, $found->star->gaiaId === null ? null : (string) $found->star->gaiaId, $found->mean?->mag,
            $found->mean?->error, $found->observations, StarLinks::time($found->firstMjd), StarLinks::time($found->lastMjd), $found->mean?->flags, $name,
        ];
    }
}
