<?php

declare(strict_types=1);

namespace CrowdSky\Pages\Stars;

use CrowdSky\Accounts\User;
use CrowdSky\Accounts\Visitor;
use CrowdSky\Base\Refusal;
use CrowdSky\Base\RefusalKind;
use CrowdSky\Calibrations\Calibration;
use CrowdSky\Calibrations\CalibrationChoice;
use CrowdSky\Calibrations\PeriodRequests;
use CrowdSky\Calibrations\StarCalibration;
use CrowdSky\Http\Request;
use CrowdSky\Http\Response;
use CrowdSky\Kernel\App;
use CrowdSky\LightCurves\Band;
use CrowdSky\LightCurves\ComparisonStar;
use CrowdSky\LightCurves\ComparisonStars;
use CrowdSky\LightCurves\CurveQuery;
use CrowdSky\LightCurves\CurveWish;
use CrowdSky\LightCurves\FoundVariable;
use CrowdSky\LightCurves\FoundVariables;
use CrowdSky\LightCurves\LightCurve;
use CrowdSky\LightCurves\StarEpochs;
use CrowdSky\LightCurves\StarNames;
use CrowdSky\Pages\Pager;
use CrowdSky\Pages\RefusedForm;
use CrowdSky\Pages\Plot\LightCurvePlot;
use CrowdSky\Pages\Plot\PhasePlot;
use CrowdSky\Pages\Plot\Symbols;
use CrowdSky\Pages\Texts;
use CrowdSky\Pages\View;
use CrowdSky\Sky\Viewer;

/** The page of one star: its light curve, what was found in it, and with what it can be compared. */
final class StarPage
{
    private const POINTS_ON_PAGE = 100;
    private const COMPARISONS = 4;

    private function __construct(
        private readonly App $app,
        private readonly Request $request,
        private readonly Visitor $visitor,
    ) {
    }

    /** @throws Refusal for a star that the visitor does not see, a version or band that there is not, and a form that is not ours */
    public static function answer(App $app, Request $request): Response
    {
        $page = new self($app, $request, Visitor::of($app, $request));

        return $request->method() === 'POST' ? $page->ask() : $page->showOrCorrect();
    }

    /**
     * For visitors without a login, who see that there is something.
     *
     * @throws Refusal for a script, which shows its answer to nobody
     */
    public static function closed(Visitor $visitor, Request $request): Response
    {
        if (!$request->wantsPage()) {
            throw Refusal::loginNeeded('Light curves need a login; programs read them with a data key from api/light_curve.php.');
        }

        return View::of($visitor)->page('star_closed', 'Light curves')->refusing(RefusalKind::LoginNeeded);
    }

    /** The star; without what its form has wrong, which is shown in the form. */
    private function showOrCorrect(): Response
    {
        try {
            return $this->show();
        } catch (Refusal $refusal) {
            if (!in_array($refusal->field(), ['period', 't0'], true) || !$this->request->wantsPage()) {
                throw $refusal;
            }
            $plain = new self($this->app, $this->request->without('period', 't0'), $this->visitor);

            return RefusedForm::inAddress($this->request, $refusal, $plain->show());
        }
    }

    private function show(): Response
    {
        $user = $this->visitor->user();

        return $user === null ? self::closed($this->visitor, $this->request) : $this->star($this->request->queryId('id'), $user);
    }

    private function star(int $id, User $user): Response
    {
        $viewer = Viewer::of($user);
        [$version, $field] = $this->version();
        $series = $this->series();
        $epochs = new StarEpochs($this->app->database());
        $bands = $epochs->bands($id, $series, $viewer);
        $band = $this->band($bands);
        $curve = CurveQuery::of($this->app)->curve(new CurveWish($id, $band, $version, $field, $series), $viewer);
        $note = $curve->note();
        $view = View::of($this->visitor);
        $texts = $view->texts();
        $shown = $band === null ? null : new BandCurve($band, iterator_to_array($curve->points(), false), $texts);
        $mean = $shown === null ? null : self::mean($curve, $shown);
        $symbols = Symbols::of($shown === null ? [] : array_map($shown->telescope(...), $shown->points));
        $found = FoundVariables::of($this->app)->ofStar($id, $this->searched($curve, $version));

        $name = StarNames::of($this->app)->nameOf($curve->star);

        return $view->page('star', $name ?? $view->texts()->say('Star {id}', ['id' => $id]), [
            'star' => $curve->star,
            'name' => $name,
            'bands' => $bands,
            'shown' => $shown,
            'note' => $note,
            'copies' => $curve->copies,
            'means' => $curve->means,
            'mean' => $mean,
            'calibration' => self::calibration($curve, $mean),
            'isWithdrawn' => array_filter($curve->calibrations, static fn (Calibration $one): bool => $one->isWithdrawn) !== [],
            'shapes' => Symbols::definitions(),
            'version' => $this->request->query('version') ?: null,
            'series' => $series,
            'lengths' => $epochs->lengths($id, $viewer),
            'kept' => $this->kept(['id', 'band', 'version', 'series']),
            'versions' => $this->versions($curve, $viewer),
            'plot' => $shown === null ? null : LightCurvePlot::of($shown->plotted(), $shown->band->publicName(), $shown->clock(), $symbols, $texts),
            'pager' => Pager::of($this->request, count($shown->points ?? []), self::POINTS_ON_PAGE, $this->kept(['id', 'band', 'version', 'series'])),
            'download' => 'api/light_curve.php?' . http_build_query(['star' => $id] + array_filter(['version' => $version, 'field' => $field, 'series' => $series])),
            'isPaging' => $this->request->query('page') !== null,
            'comparisons' => $mean === null ? [] : $this->comparisons($curve, $mean, $viewer, $texts),
            'finder' => $this->finder($curve, $viewer, $view->texts()),
            'pair' => $found === null ? null : ChartPair::ofVariable($this->app, $curve->star, $found, $viewer, $view->texts()),
            'askedAt' => (new PeriodRequests($this->app->database(), $this->app->clock()))->askedAt($id),
        ] + $this->phase($shown, $found, $symbols, $texts));
    }

    private function ask(): Response
    {
        $user = $this->visitor->requireUserForPage();
        $this->visitor->requireCsrf($this->request->form('csrf_token'));
        $id = $this->request->formId('star_id');
        $star = (new StarEpochs($this->app->database()))->star($id, Viewer::of($user));
        (new PeriodRequests($this->app->database(), $this->app->clock()))->ask($star->id);

        return Response::redirect("star.php?id=$id#search");
    }

    /**
     * The calibration that was chosen in the form, as name and field: of a star in two fields, two may have one name.
     *
     * @return array{?string, ?int}
     */
    private function version(): array
    {
        $text = $this->request->query('version') ?? '';
        if ($text === '') {
            return [null, null];
        }
        [$name, $field] = [...explode('@', $text, 2), ''];
        if ($field !== '' && preg_match('/^[1-9][0-9]{0,17}$/D', $field) !== 1) {
            throw Refusal::badInput("'version' must be one of those that the page offers");
        }

        return [$name, $field === '' ? null : (int) $field];
    }

    /** @return int seconds of the parts of a series; 0 for whole stacks */
    private function series(): int
    {
        $text = $this->request->query('series') ?? '';

        return preg_match('/^[0-9]{0,5}$/D', $text) === 1 ? (int) $text : throw Refusal::badInput("'series' must be a number of seconds that the page offers");
    }

    /** @return list<array{value: string, calibration: Calibration}> all versions that can be had, the newest first */
    private function versions(LightCurve $curve, Viewer $viewer): array
    {
        $fields = array_values(array_unique(array_map(static fn (Calibration $one): int => $one->fieldId, $curve->calibrations)));
        $versions = [];
        foreach ($fields as $field) {
            foreach (CalibrationChoice::of($this->app)->versions($field, $viewer) as $calibration) {
                $versions[] = ['value' => "{$calibration->name()}@$field", 'calibration' => $calibration];
            }
        }

        return $versions;
    }

    /**
     * @param list<Band> $bands in which the star was measured
     * @return Band|null that is shown; null without any
     */
    private function band(array $bands): ?Band
    {
        $name = $this->request->query('band') ?? '';
        $band = $name === '' ? ($bands[0] ?? null) : Band::ofPublicName($name);
        if ($name !== '' && !in_array($band, $bands, true)) {
            throw Refusal::notFound("This star has no points in that band; leave out 'band' for another one");
        }

        return $band;
    }

    /** @return list<Calibration> of whose searches the result is shown: who has a calibration of their own may read the public one, too */
    private function searched(LightCurve $curve, ?string $version): array
    {
        if ($version !== null) {
            return $curve->calibrations;
        }
        $fields = array_unique(array_map(static fn (Calibration $one): int => $one->fieldId, $curve->calibrations));
        $public = array_map(fn (int $field): array => CalibrationChoice::of($this->app)->forViewer($field, Viewer::public()), array_values($fields));

        return array_merge($curve->calibrations, ...$public);
    }

    private static function mean(LightCurve $curve, BandCurve $shown): ?StarCalibration
    {
        foreach ($curve->means as $mean) {
            if ($mean->band === $shown->band->value) {
                return $mean;
            }
        }

        return null;
    }

    private static function calibration(LightCurve $curve, ?StarCalibration $mean): ?Calibration
    {
        foreach ($curve->calibrations as $calibration) {
            if ($mean !== null && $calibration->id === $mean->calibrationId) {
                return $calibration;
            }
        }

        return null;
    }

    /** @return array<string, mixed> values of the template */
    private function phase(?BandCurve $shown, ?FoundVariable $found, Symbols $symbols, Texts $texts): array
    {
        $points = $shown?->plotted() ?? [];
        $choice = $points === [] ? null : PhaseChoice::of($this->request, $found?->period, $found?->epoch, $points[0]->x);

        return [
            'found' => $found,
            'phase' => $choice,
            'phasePlot' => $choice === null || $shown === null
                ? null
                : PhasePlot::of($points, $shown->band->publicName(), $choice->period, $choice->epoch, $symbols, $texts),
        ];
    }

    /** @return list<array{comparison: ComparisonStar, curve: ?string}> with small curves, HTML */
    private function comparisons(LightCurve $curve, StarCalibration $mean, Viewer $viewer, Texts $texts): array
    {
        $shown = [];
        foreach ((new ComparisonStars($this->app->database()))->of($curve->star, $mean, $viewer, self::COMPARISONS) as $comparison) {
            $shown[] = ['comparison' => $comparison, 'curve' => SmallCurves::of($this->app, $viewer, $texts)->curve($comparison->star->id, Band::from($mean->band))];
        }

        return $shown;
    }

    /** @return array{svg: string, stackId: int, limit: ?float}|null null when the star can be shown in no picture */
    private function finder(LightCurve $curve, Viewer $viewer, Texts $texts): ?array
    {
        $epoch = (new StarEpochs($this->app->database()))->deepest($curve->star->id, $viewer);
        $title = $texts->say('Finder chart: the star is in the ring');
        $svg = $epoch === null ? null : StarPicture::of($this->app, $curve->star, $viewer)->chart($epoch, null, $title, $texts);

        return $epoch === null || $svg === null ? null : ['svg' => $svg, 'stackId' => $epoch->stackId, 'limit' => $epoch->limitingMag];
    }

    /**
     * @param list<string> $names
     * @return array<string, string> those of the query that links of the page keep
     */
    private function kept(array $names): array
    {
        $kept = [];
        foreach ($names as $name) {
            $value = $this->request->query($name);
            if ($value !== null && $value !== '') {
                $kept[$name] = $value;
            }
        }

        return $kept;
    }
}
