<?php

declare(strict_types=1);

namespace CrowdSky\Api\Data;

use CrowdSky\Base\Refusal;
use CrowdSky\Http\Request;
use CrowdSky\Http\Response;
use CrowdSky\Kernel\App;
use CrowdSky\LightCurves\Band;
use CrowdSky\LightCurves\EpochStacks;
use CrowdSky\LightCurves\FoundStar;
use CrowdSky\LightCurves\FoundVariable;
use CrowdSky\LightCurves\FoundVariables;
use CrowdSky\LightCurves\StarListing;
use CrowdSky\LightCurves\StarNames;
use CrowdSky\Sky\Viewer;
use CrowdSky\Tables\Column;
use CrowdSky\Tables\ColumnType;
use CrowdSky\Tables\Table;
use CrowdSky\Tables\VoTableFile;

/** api/variables_found.php: stars that the archive itself has found to vary, the surest first; page by page. */
final class VariablesFound
{
    private const MAX_LIMIT = 1000;
    private const DEFAULT_LIMIT = 100;
    private const MOST = 999_999;

    /** @throws Refusal without a key and a login, and for a parameter that is wrong */
    public static function answer(App $app, Request $request): Response
    {
        $viewer = DataCall::reader($app, $request);
        $call = new DataCall($request);
        $call->refuseUnknown(['limit', 'after', TableAnswer::PARAMETER]);
        $format = TableAnswer::wanted($call);
        $limit = $call->integer('limit', 1, self::MAX_LIMIT) ?? self::DEFAULT_LIMIT;
        $after = $call->integer('after', 0, self::MOST) ?? 0;
        $found = FoundVariables::of($app)->ranked($viewer, $limit + 1, $after);
        $next = count($found) > $limit ? (string) ($after + $limit) : null;
        $rows = self::rows($app, $call, $viewer, array_slice($found, 0, $limit));
        $columns = self::columns();
        $curves = (new StarLinks($call))->lightCurves($columns[0]);
        $table = new Table('variables', 'Stars that this archive found to vary', $columns, ['next' => $next], $rows, $curves);
        $answer = TableAnswer::of($request, $format, $table, 'variables_found');

        return $next === null ? $answer : $answer->with(['Link' => '<' . $call->following($next) . '>; rel="next"']);
    }

    /** @return non-empty-list<Column> */
    private static function columns(): array
    {
        [$real, $integer, $text] = [ColumnType::Real, ColumnType::Integer, ColumnType::Text];

        return [
            ...StarColumns::numberAndPlace('star'),
            new Column('gaia_id', $text, 'Its number in Gaia DR3', '', 'meta.id.cross'),
            new Column('variable_of', $text, 'Its name in the imported catalogue of variable stars', '', 'meta.id.cross'),
            new Column('band', $text, 'Band in which it varies', '', 'meta.id;instr.bandpass'),
            new Column('kind', $text, 'periodic, eclipses, slow or irregular', '', 'meta.code.class;src.var'),
            new Column('score', $real, 'How sure it is, for the order', '', 'stat.likelihood'),
            new Column('excess_mag', $real, 'Scatter that its errors do not explain', 'mag', 'stat.stdev;phot.mag'),
            new Column('amplitude_mag', $real, 'Amplitude', 'mag', 'phot.mag;src.var.amplitude'),
            new Column('amplitude_error_mag', $real, 'Its error, where it is known', 'mag', 'stat.error;src.var.amplitude'),
            new Column('period_d', $real, 'Period, where one is claimed', 'd', 'time.period'),
            new Column('period_error_d', $real, 'Its error', 'd', 'stat.error;time.period'),
            new Column('period_fap', $real, 'Probability that noise alone gives such a period', '', 'stat.probability'),
            new Column('t0_bjd', $real, 'Phase 0, of eclipses the middle of one', 'd', 'time.epoch;src.var', VoTableFile::BARYCENTRIC),
            new Column('depth_mag', $real, 'Depth of eclipses', 'mag', 'phot.mag'),
            new Column('duration_d', $real, 'Duration of eclipses', 'd', 'time.duration'),
            new Column('trend_mag_per_d', $real, 'Slow change', 'mag/d', 'phot.mag;arith.rate'),
            new Column('remark', $text, 'Why no period is claimed', '', 'meta.note'),
            new Column('n_points', $integer, 'Points that say so', '', 'meta.number;obs'),
            new Column('n_nights', $integer, 'Nights that say so', '', 'meta.number'),
            new Column('calibration', $text, 'Version of the calibration of the field that says so', '', 'meta.version'),
            new Column('field', $integer, 'Field whose stacks are calibrated together', '', 'meta.id'),
            new Column('n_observations', $integer, 'Epochs of the star that you can see', '', 'meta.number;obs'),
            new Column('first_obs', $text, 'Middle of the first of them, UTC', '', 'time.start;obs'),
            new Column('last_obs', $text, 'Middle of the last of them, UTC', '', 'time.end;obs'),
            new Column('bright_url', $text, 'Cut-out of the stack in which it was brightest', '', 'meta.ref.url'),
            new Column('faint_url', $text, 'Cut-out of the stack in which it was faintest', '', 'meta.ref.url'),
            new Column('light_curve_url', $text, 'Its light curve', '', 'meta.ref.url'),
        ];
    }

    /**
     * @param list<FoundVariable> $found
     * @return list<list<string|int|float|null>>
     */
    private static function rows(App $app, DataCall $call, Viewer $viewer, array $found): array
    {
        $stars = StarListing::of($app)->byId(array_map(static fn (FoundVariable $one): int => $one->starId, $found), $viewer);
        $epochs = array_merge(...array_map(static fn (FoundVariable $one): array => [$one->brightEpochId, $one->faintEpochId], $found));
        $stacks = EpochStacks::of($app)->seen(array_values(array_filter($epochs, is_int(...))), $viewer);
        $names = StarNames::of($app);
        $links = new StarLinks($call);
        $rows = [];
        foreach ($found as $variable) {
            $star = $stars[$variable->starId] ?? null;
            if ($star !== null) {
                $rows[] = self::row($variable, $star, $names->nameOf($star->star), $links, $stacks);
            }
        }

        return $rows;
    }

    /**
     * @param array<int, int> $stacks that the viewer sees, by epoch
     * @return list<string|int|float|null>
     */
    private static function row(FoundVariable $found, FoundStar $seen, ?string $name, StarLinks $links, array $stacks): array
    {
        $star = $seen->star;

        return [
            $star->id, $star->position->ra, $star->position->dec, $star->gaiaId === null ? null : (string) $star->gaiaId, $name,
            Band::from($found->band)->publicName(), $found->kind, $found->score, $found->excess, $found->amplitude, $found->amplitudeError,
            $found->period, $found->periodError, $found->falseAlarm, $found->epoch, $found->depth, $found->duration, $found->trend, $found->remark,
            $found->points, $found->nights, $found->calibration->name(), $found->calibration->fieldId, $seen->observations,
            StarLinks::time($seen->firstMjd), StarLinks::time($seen->lastMjd),
            $links->cutOut($stacks[$found->brightEpochId ?? 0] ?? null, $star), $links->cutOut($stacks[$found->faintEpochId ?? 0] ?? null, $star),
            $links->lightCurve($star),
        ];
    }
}
