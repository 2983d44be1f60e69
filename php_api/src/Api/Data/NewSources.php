<?php

declare(strict_types=1);

namespace CrowdSky\Api\Data;

use CrowdSky\Base\Refusal;
use CrowdSky\Http\Request;
use CrowdSky\Http\Response;
use CrowdSky\Kernel\App;
use CrowdSky\LightCurves\NewSource;
use CrowdSky\LightCurves\NewSources as Sources;
use CrowdSky\Tables\Column;
use CrowdSky\Tables\ColumnType;
use CrowdSky\Tables\Table;

/** api/new_sources.php: point sources that late stacks show and earlier, deeper ones do not, for people to look at. */
final class NewSources
{
    private const MAX_LIMIT = 1000;
    private const DEFAULT_LIMIT = 100;

    /** @throws Refusal without a key and a login, and for a parameter that is wrong */
    public static function answer(App $app, Request $request): Response
    {
        $viewer = DataCall::reader($app, $request);
        $call = new DataCall($request);
        $call->refuseUnknown(['limit', TableAnswer::PARAMETER]);
        $format = TableAnswer::wanted($call);
        $found = Sources::of($app)->list($viewer, $call->integer('limit', 1, self::MAX_LIMIT) ?? self::DEFAULT_LIMIT);
        $links = new StarLinks($call);
        $rows = array_map(static fn (NewSource $source): array => self::row($source, $links), $found);
        $columns = self::columns();
        $curves = (new StarLinks($call))->lightCurves($columns[0]);
        $table = new Table('new_sources', 'Point sources that may be new, for people to look at', $columns, [], $rows, $curves);

        return TableAnswer::of($request, $format, $table, 'new_sources');
    }

    /** @return non-empty-list<Column> */
    private static function columns(): array
    {
        [$real, $integer, $text] = [ColumnType::Real, ColumnType::Integer, ColumnType::Text];

        return [
            ...StarColumns::numberAndPlace('star'),
            new Column('mag', $real, 'Magnitude in green or of a monochrome sensor in the first stack, by its own zero point', 'mag', 'phot.mag;em.opt'),
            new Column('first_seen', $text, 'Middle of the first stack with it, UTC', '', 'time.start;obs'),
            new Column('last_seen', $text, 'Middle of the last stack with it, UTC', '', 'time.end;obs'),
            new Column('n_chunks', $integer, 'Chunks in whose stacks it was seen', '', 'meta.number;obs'),
            new Column('n_stacks_without', $integer, 'Earlier, deeper stacks of the place that do not show it', '', 'meta.number'),
            new Column('first_url', $text, 'Cut-out of the stack that showed it first', '', 'meta.ref.url'),
            new Column('without_url', $text, 'Cut-out of the latest stack that should have shown it', '', 'meta.ref.url'),
            new Column('light_curve_url', $text, 'Its light curve', '', 'meta.ref.url'),
        ];
    }

    /** @return list<string|int|float|null> */
    private static function row(NewSource $source, StarLinks $links): array
    {
        $star = $source->star;

        return [
            $star->id, $star->position->ra, $star->position->dec, $source->mag, StarLinks::time($source->firstMjd),
            StarLinks::time($source->lastMjd), $source->chunks, $source->stacksWithout, $links->cutOut($source->firstStackId, $star),
            $links->cutOut($source->lastStackWithout, $star), $links->lightCurve($star),
        ];
    }
}
