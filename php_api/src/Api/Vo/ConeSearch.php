<?php

declare(strict_types=1);

namespace CrowdSky\Api\Vo;

use CrowdSky\Base\Refusal;
use CrowdSky\Fits\SkyPosition;
use CrowdSky\Http\Request;
use CrowdSky\Http\Response;
use CrowdSky\Kernel\App;
use CrowdSky\Sky\Cone;
use CrowdSky\Sky\SkyServices;
use CrowdSky\Tables\VoField;

/** api/scs_stacks.php: Simple Cone Search 1.03 of public stacks, by their middle. */
final class ConeSearch
{
    /** Rows of an answer that asks for no number, and at most. */
    public const USUAL_ROWS = 2_000;
    public const MOST_ROWS = 20_000;

    /** Answers refusals as VOTables, with status 200, as cone search clients want it. */
    public static function answer(App $app, Request $request): Response
    {
        return VoService::answer($app, $request, 'scs_stacks', static function (VoParameters $asked) use ($app, $request): Response {
            $cone = self::cone($asked);
            $maxRows = $cone->radius === 0.0 ? 0 : $asked->maxRows(self::USUAL_ROWS, self::MOST_ROWS);
            $addresses = new StackAddresses($request);
            return self::table()->response(self::rows($app, $cone, $addresses), $maxRows);
        });
    }

    /** @throws Refusal unless RA, DEC and SR say where to look */
    public static function cone(VoParameters $asked): SkyCircle
    {
        $asked->requireVoTable();
        $ra = $asked->number('RA', 0.0, 360.0);
        $dec = $asked->number('DEC', -90.0, 90.0);
        $radius = $asked->number('SR', 0.0, 180.0);
        $verbosity = $asked->text('VERB');
        if ($verbosity !== null && !in_array($verbosity, ['1', '2', '3'], true)) {
            throw Refusal::badInput('VERB must be 1, 2 or 3');
        }
        $centre = SkyPosition::fromDegrees($ra, $dec);
        if ($centre === null || $radius === null) {
            throw Refusal::badInput('RA, DEC and SR are needed: ICRS position and radius in decimal degrees');
        }
        return new SkyCircle($centre, $radius);
    }

    public static function table(): VoTable
    {
        return new VoTable('stacks', 'Public stacks of the archive, by their middle', [
            new VoField('obs_id', 'char', 'ID_MAIN', 'The stack'),
            new VoField('ra', 'double', 'POS_EQ_RA_MAIN', 'Right ascension of its middle, ICRS', 'deg', ref: 'icrs'),
            new VoField('dec', 'double', 'POS_EQ_DEC_MAIN', 'Declination of its middle, ICRS', 'deg', ref: 'icrs'),
            new VoField('distance', 'double', 'pos.angDistance', 'Distance from the position that was asked for', 'deg'),
            new VoField('target_name', 'unicodeChar', 'meta.id;src', 'Known target that its owner named'),
            new VoField('telescope', 'unicodeChar', 'meta.id;instr.tel', 'Model and unit of the telescope'),
            new VoField('filter', 'unicodeChar', 'meta.id;instr.filter', 'Filter'),
            new VoField('t_min', 'double', 'time.start;obs.exposure', 'Start of the first sub, MJD', 'd', ref: 'utc'),
            new VoField('t_max', 'double', 'time.end;obs.exposure', 'End of the last sub, MJD', 'd', ref: 'utc'),
            new VoField('t_exptime', 'double', 'time.duration;obs.exposure', 'Exposure of all subs together', 's'),
            new VoField('n_frames', 'int', 'meta.number;obs', 'Subs in the stack'),
            new VoField('is_solved', 'boolean', 'meta.code', 'Whether the position comes from its stars and not from the mount'),
            new VoField('seeing', 'double', 'instr.obsty.seeing', 'Full width at half maximum of a star, green', 'arcsec'),
            new VoField('limiting_mag', 'double', 'phot.mag;stat.max', 'Faintest star measured', 'mag'),
            new VoField('access_url', 'char', 'meta.ref.url', 'The stack as FITS; needs a key'),
            new VoField('page_url', 'char', 'meta.ref.url', 'Page of the stack'),
        ]);
    }

    /** @return \Generator<list<string|int|float|bool|null>> */
    private static function rows(App $app, SkyCircle $cone, StackAddresses $addresses): \Generator
    {
        $near = Cone::of($cone->centre->ra, $cone->centre->dec, $cone->radius)->condition();
        foreach (SkyServices::of($app)->solved()->stacks($near) as $stack) {
            $distance = SkyPosition::fromDegrees($stack->ra, $stack->dec)?->distanceTo($cone->centre);
            yield [
                "stack-{$stack->id}", $stack->ra, $stack->dec, $distance, $stack->target, $stack->telescope, $stack->filter,
                $stack->start, $stack->end, $stack->exposure, $stack->frames, $stack->footprint !== null, $stack->seeing(),
                $stack->photometry?->get('limiting_mag'), $addresses->file($stack->id), $addresses->page($stack->id),
            ];
        }
    }
}
