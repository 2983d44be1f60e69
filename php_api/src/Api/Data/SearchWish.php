<?php

declare(strict_types=1);

namespace CrowdSky\Api\Data;

use CrowdSky\Base\Refusal;
use CrowdSky\Kernel\App;
use CrowdSky\Sky\Box;
use CrowdSky\Sky\Cone;
use CrowdSky\Sky\SkyPage;
use CrowdSky\Sky\SkyRegion;
use CrowdSky\Sky\SkyServices;
use CrowdSky\Sky\StackFilter;
use CrowdSky\Sky\Viewer;

/** The stacks that a call wants, as its parameters say. */
final class SearchWish
{
    /** What of() reads. */
    public const PARAMETERS = [
        'ra', 'dec', 'radius', 'box', 'object', 'start', 'end', 'filter', 'telescope', 'eq_mode', 'min_exptime', 'max_exptime', 'min_sqm',
        'min_limiting_mag', 'solved', 'own', 'limit', 'after',
    ];

    private const MAX_LIMIT = 1000;
    private const DEFAULT_LIMIT = 100;
    private const MAX_RADIUS = 180.0;

    private function __construct(
        private readonly ?SkyRegion $region,
        private readonly ?string $object,
        private readonly StackFilter $filter,
        private readonly int $limit,
        private readonly ?string $after,
    ) {
    }

    /**
     * @param int $most stacks on one page
     * @throws Refusal naming the parameter that is wrong
     */
    public static function of(DataCall $call, int $most = self::MAX_LIMIT): self
    {
        $isSolved = $call->integer('solved', 0, 1);
        $filter = new StackFilter(
            start: $call->time('start'),
            end: $call->time('end', isEnd: true),
            filterName: $call->text('filter'),
            telescope: $call->text('telescope'),
            eqMode: $call->integer('eq_mode', 0, 1),
            minExposure: $call->number('min_exptime', 0.0),
            maxExposure: $call->number('max_exptime', 0.0),
            minSkyMag: $call->number('min_sqm', -100.0, 100.0),
            minLimitingMag: $call->number('min_limiting_mag', -100.0, 100.0),
            isSolved: $isSolved === null ? null : $isSolved === 1,
            isOwn: $call->integer('own', 0, 1) === 1,
        );

        return new self(
            self::region($call),
            $call->text('object'),
            $filter,
            $call->integer('limit', 1, $most) ?? min($most, self::DEFAULT_LIMIT),
            $call->text('after'),
        );
    }

    /** @throws Refusal for a cursor that is none */
    public function page(App $app, Viewer $viewer): SkyPage
    {
        return SkyServices::of($app)->search()->page($this->region, $this->object, $this->filter, $viewer, $this->limit, $this->after);
    }

    private static function region(DataCall $call): ?SkyRegion
    {
        $ra = $call->number('ra', 0.0, 360.0);
        $dec = $call->number('dec', -90.0, 90.0);
        $radius = $call->number('radius', 0.0, self::MAX_RADIUS);
        $box = $call->text('box');
        $given = array_filter([$ra, $dec, $radius], static fn (?float $value): bool => $value !== null);
        if ($box !== null && $given !== []) {
            throw Refusal::badInput("Give 'box', or 'ra', 'dec' and 'radius', not both");
        }
        if ($box !== null) {
            return self::box($box);
        }
        if ($ra !== null && $dec !== null && $radius !== null) {
            return Cone::of($ra, $dec, $radius);
        }

        return $given === [] ? null : throw Refusal::badInput("A cone needs 'ra', 'dec' and 'radius', in degrees");
    }

    private static function box(string $text): Box
    {
        $edges = explode(',', $text);
        if (count($edges) !== 4 || count(array_filter($edges, is_numeric(...))) !== 4) {
            throw Refusal::badInput("'box' must be four numbers in degrees: ra_min,ra_max,dec_min,dec_max");
        }

        return Box::of(...array_map(floatval(...), $edges));
    }
}
