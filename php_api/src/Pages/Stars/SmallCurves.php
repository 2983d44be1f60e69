<?php

declare(strict_types=1);

namespace CrowdSky\Pages\Stars;

use CrowdSky\Kernel\App;
use CrowdSky\LightCurves\Band;
use CrowdSky\LightCurves\CurveQuery;
use CrowdSky\LightCurves\CurveWish;
use CrowdSky\LightCurves\FoundVariable;
use CrowdSky\Pages\Plot\PhasePlot;
use CrowdSky\Pages\Plot\PlotPoint;
use CrowdSky\Pages\Plot\SmallCurve;
use CrowdSky\Pages\Plot\Symbols;
use CrowdSky\Pages\Texts;
use CrowdSky\Sky\Viewer;

/** Draws the light curves of stars in a list. */
final class SmallCurves
{
    private function __construct(private readonly CurveQuery $query, private readonly Viewer $viewer, private readonly Texts $texts)
    {
    }

    public static function of(App $app, Viewer $viewer, Texts $texts): self
    {
        return new self(CurveQuery::of($app), $viewer, $texts);
    }

    /** @return string|null HTML; null without points that can be shown */
    public function curve(int $starId, Band $band): ?string
    {
        return $this->drawn($this->points($starId, $band), $this->title($starId, $band));
    }

    /** @return string|null HTML: folded where a period is claimed, two cycles; null without points that can be shown */
    public function ofVariable(FoundVariable $found): ?string
    {
        $points = $this->points($found->starId, Band::from($found->band));
        $title = $this->title($found->starId, Band::from($found->band));
        if ($found->period === null || $found->epoch === null) {
            return $this->drawn($points, $title);
        }
        $folded = [];
        foreach ($points as $point) {
            $phase = PhasePlot::phase($point->x, $found->period, $found->epoch);
            array_push($folded, $point->at($phase), $point->at($phase + 1.0));
        }

        return $this->drawn($folded, $this->texts->say('{title}, folded', ['title' => $title]));
    }

    private function title(int $starId, Band $band): string
    {
        return $this->texts->say('Star {id} in {band}', ['id' => $starId, 'band' => $band->publicName()]);
    }

    /** @return list<PlotPoint> */
    private function points(int $starId, Band $band): array
    {
        $curve = $this->query->curve(new CurveWish($starId, $band), $this->viewer);

        return (new BandCurve($band, iterator_to_array($curve->points(), false), $this->texts))->plotted();
    }

    /** @param list<PlotPoint> $points */
    private function drawn(array $points, string $title): ?string
    {
        return SmallCurve::of($points, $title, Symbols::of(array_map(static fn (PlotPoint $point): string => $point->telescope, $points)), $this->texts);
    }
}
