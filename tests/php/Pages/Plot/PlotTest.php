<?php

declare(strict_types=1);

namespace CrowdSky\Tests\Pages\Plot;

use CrowdSky\Http\Language;
use CrowdSky\Pages\Plot\LightCurvePlot;
use CrowdSky\Pages\Plot\PhasePlot;
use CrowdSky\Pages\Plot\Plot;
use CrowdSky\Pages\Plot\PlotPoint;
use CrowdSky\Pages\Plot\SmallCurve;
use CrowdSky\Pages\Plot\Symbols;
use CrowdSky\Pages\Texts;
use PHPUnit\Framework\TestCase;

final class PlotTest extends TestCase
{
    private const BJD = 2_461_223.4;

    public function testWithoutPointsThereIsNoPlot(): void
    {
        $symbols = Symbols::of([]);

        self::assertNull(LightCurvePlot::of([], 'TG', 0.0, $symbols, self::english()));
        self::assertNull(PhasePlot::of([], 'TG', 1.0, 0.0, $symbols, self::english()));
        self::assertNull(SmallCurve::of([], 'TG', $symbols, self::english()));
    }

    public function testOnePointStandsInTheMiddle(): void
    {
        $document = self::document(self::curve([new PlotPoint(self::BJD, 12.5, 0.01, 'S50')]));

        $use = self::marks($document)[0];
        self::assertSame('50%', $use->getAttribute('x'));
        self::assertSame('145', $use->getAttribute('y'));
    }

    public function testFainterIsLowerAndLaterIsFurtherRight(): void
    {
        $document = self::document(self::curve([
            new PlotPoint(self::BJD, 12.0, 0.02, 'S50'),
            new PlotPoint(self::BJD + 2.0, 13.0, 0.02, 'S50'),
        ]));

        [$bright, $faint] = self::marks($document);
        self::assertLessThan((float) $faint->getAttribute('y'), (float) $bright->getAttribute('y'));
        self::assertLessThan((float) $faint->getAttribute('x'), (float) $bright->getAttribute('x'));
        // 290 pixels for 1.08 mag.
        self::assertEqualsWithDelta(290.0 / 1.08, (float) $faint->getAttribute('y') - (float) $bright->getAttribute('y'), 0.02);
    }

    public function testNoiseDoesNotLookLikeASignal(): void
    {
        $document = self::document(self::curve([
            new PlotPoint(self::BJD, 12.0, 0.1, 'S50'),
            new PlotPoint(self::BJD + 2.0, 12.1, 0.1, 'S50'),
        ]));

        [$bright, $faint] = self::marks($document);
        self::assertEqualsWithDelta(290.0 / 6.0 / 1.08, (float) $faint->getAttribute('y') - (float) $bright->getAttribute('y'), 0.02);
    }

    public function testErrorBarsHaveTheLengthOfTheErrors(): void
    {
        $document = self::document(self::curve([
            new PlotPoint(self::BJD, 12.0, 0.02, 'S50'),
            new PlotPoint(self::BJD + 2.0, 12.4, 0.05, 'S50'),
        ]));

        $lengths = [];
        foreach (self::query($document, "//g[starts-with(@class, 'tel-')]/line[not(@class)]") as $bar) {
            $lengths[] = (float) $bar->getAttribute('y2') - (float) $bar->getAttribute('y1');
        }
        $magnitude = 290.0 / (0.4 * 1.08);
        self::assertEqualsWithDelta(0.04 * $magnitude, $lengths[0], 0.02);
        // The lower half of the larger one is cut off just beyond the frame.
        self::assertEqualsWithDelta(0.05 * $magnitude + 0.04 * 0.4 * $magnitude + 9.0, $lengths[1], 0.02);
    }

    public function testTelescopesDifferInColourAndShape(): void
    {
        $plot = self::curve([new PlotPoint(self::BJD, 12.0, 0.02, 'S50'), new PlotPoint(self::BJD, 12.1, 0.02, 'S30')]);
        $marks = self::marks(self::document($plot));

        self::assertNotSame($marks[0]->getAttribute('href'), $marks[1]->getAttribute('href'));
        self::assertNotSame($marks[0]->parentNode?->attributes?->getNamedItem('class')?->nodeValue, $marks[1]->parentNode?->attributes?->getNamedItem('class')?->nodeValue);
        self::assertSame(['S30', 'S50'], array_column($plot->key, 'text'));
    }

    public function testThirtyTelescopesAreThirtyPairs(): void
    {
        $names = array_map(static fn (int $number): string => "unit $number", range(1, 30));
        $symbols = Symbols::of($names);

        $pairs = array_map(static fn (string $name): string => $symbols->colour($name) . $symbols->shape($name), $names);
        self::assertCount(30, array_unique($pairs));
    }

    public function testWhatIsNotCalibratedOrFlaggedLooksDifferent(): void
    {
        $plot = self::curve([
            new PlotPoint(self::BJD, 12.0, 0.02, 'S50'),
            new PlotPoint(self::BJD + 1.0, 12.1, 0.02, 'S50', isCalibrated: false),
            new PlotPoint(self::BJD + 2.0, 12.05, 0.02, 'S50', isFlagged: true),
        ]);

        $looks = array_map(static fn (\DOMElement $use): ?string => $use->parentNode?->attributes?->getNamedItem('class')?->nodeValue, self::marks(self::document($plot)));
        self::assertSame(['tel-0', 'tel-0 open', 'tel-0 faint'], $looks);
        self::assertSame(['S50', 'hollow: not yet calibrated', 'faint: flagged'], array_column($plot->key, 'text'));
    }

    public function testAFlaggedPointFarOffDoesNotFlattenTheCurve(): void
    {
        $plot = self::curve([
            new PlotPoint(self::BJD, 12.0, 0.02, 'S50'),
            new PlotPoint(self::BJD + 1.0, 12.1, 0.02, 'S50'),
            new PlotPoint(self::BJD + 2.0, 19.0, 0.02, 'S50', isFlagged: true),
        ]);

        self::assertCount(2, self::marks(self::document($plot)));
        self::assertSame(['1 flagged point lies outside the plot; the table has it.'], $plot->notes);
    }

    public function testNamesAreNotMarkup(): void
    {
        $plot = self::curve([new PlotPoint(self::BJD, 12.0, 0.02, '<script>"x"')], '<b>TG</b>');

        self::assertStringNotContainsString('<script>', $plot->svg . $plot->key[0]['symbol']);
        self::assertStringContainsString('Light curve in &lt;b&gt;TG', $plot->svg);
    }

    public function testAllLabelsOfTheAxesAreThere(): void
    {
        $document = self::document(self::curve([new PlotPoint(self::BJD, 12.0, 0.02, 'S50'), new PlotPoint(self::BJD + 10.0, 12.4, 0.02, 'S50')]));

        $texts = self::texts($document);
        self::assertContains('BJD (TDB) − 2461000', $texts);
        self::assertContains('224', $texts);
        self::assertContains('12.1', $texts);
        self::assertContains('3 Jul', $texts);
        self::assertContains('2026 (UTC)', $texts);
    }

    public function testManyPointsBecomeMeansAndThePlotSaysSo(): void
    {
        $points = [];
        for ($number = 0; $number < 5000; $number++) {
            $points[] = new PlotPoint(self::BJD + 0.001 * $number, 12.0 + 0.3 * sin($number / 500.0), 0.02, 'unit ' . $number % 3);
        }

        $plot = self::curve($points);
        self::assertLessThanOrEqual(LightCurvePlot::MOST, count(self::marks(self::document($plot))));
        self::assertLessThan(250_000, strlen($plot->svg));
        self::assertSame(['The plot shows 5,000 points as 600 means over short times; pale bars reach from the brightest to the faintest point of each. Downloads have all points.'], $plot->notes);

        $phase = PhasePlot::of($points, 'TG', 2.5, self::BJD, self::symbols($points), self::english());
        self::assertNotNull($phase);
        self::assertLessThanOrEqual((int) (2.2 * PhasePlot::MOST), count(self::marks(self::document($phase))));
        self::assertSame(['The plot shows 5,000 points as 300 means over short phases; pale bars reach from the brightest to the faintest point of each.'], $phase->notes);
    }

    public function testAMeanIsWeightedAndItsErrorIsTheLargerOfBoth(): void
    {
        $points = [];
        for ($number = 0; $number < 1000; $number++) {
            // Errors of 0.01 in a bin of two, whose scatter is 0.1. The brighter one has the larger error in light.
            $points[] = new PlotPoint(self::BJD + $number, 12.0 + 0.1 * ($number % 2), 0.01, 'S50');
        }

        $plot = self::curve($points);
        self::assertStringContainsString('12.053 mag ± 0.050, mean of 2', $plot->svg);
        // The range of both, 0.1 of 0.3 magnitudes with a margin: the axis has room for six errors.
        $range = self::query(self::document($plot), "//line[@class = 'plot-range']")[0];
        self::assertEqualsWithDelta(290.0 / 3.0 / 1.08, (float) $range->getAttribute('y2') - (float) $range->getAttribute('y1'), 0.3);
    }

    public function testPointsWithoutErrorsAreNotMixedWithOthers(): void
    {
        $points = [];
        for ($number = 0; $number < 2000; $number++) {
            $points[] = new PlotPoint(self::BJD + $number, 12.0 + 0.1 * ($number % 2), $number < 1003 ? 0.01 : null, 'S50');
        }

        $svg = self::curve($points)->svg;
        self::assertStringNotContainsString('error unknown', $svg);
        // 300 intervals of 6 or 7 points; where both kinds meet, each has its mean.
        self::assertSame(301, substr_count($svg, ', mean of'));
        self::assertStringContainsString('error unknown', self::curve([new PlotPoint(self::BJD, 12.0, null, 'S50')])->svg);
    }

    public function testPhasesAreDrawnTwice(): void
    {
        $points = [new PlotPoint(100.25, 12.0, 0.02, 'S50'), new PlotPoint(97.5, 12.4, 0.02, 'S50')];
        $plot = PhasePlot::of($points, 'TG', 1.0, 100.0, self::symbols($points), self::english());

        self::assertNotNull($plot);
        $places = array_map(static fn (\DOMElement $use): string => $use->getAttribute('x'), self::marks(self::document($plot)));
        self::assertSame(['14.29%', '26.19%', '61.9%', '73.81%'], $places);
    }

    public function testNoPointOfAPhasePlotStandsOnItsFrame(): void
    {
        $points = [new PlotPoint(100.0, 12.0, 0.02, 'S50'), new PlotPoint(100.5, 12.4, 0.02, 'S50'), new PlotPoint(100.97, 12.1, 0.02, 'S50')];
        $document = self::document(PhasePlot::of($points, 'TG', 1.0, 100.0, self::symbols($points), self::english()) ?? self::fail('no plot'));

        $places = array_map(static fn (\DOMElement $use): float => (float) $use->getAttribute('x'), self::marks($document));
        sort($places);
        // Phases -0.03, 0, 0.5, 0.97, 1, 1.5, 1.97 and 2 of an axis from -0.05 to 2.05.
        self::assertSame([0.95, 2.38, 26.19, 48.57, 50.0, 73.81, 96.19, 97.62], $places);
        self::assertSame(['0.0', '0.2', '2.0'], array_values(array_intersect(['0.0', '0.2', '2.0'], self::texts($document))));
    }

    public function testLabelsDoNotStandOutOfTheFrame(): void
    {
        $day = 2_461_000.5;
        $document = self::document(self::curve([new PlotPoint($day, 12.0, 0.02, 'S50'), new PlotPoint($day + 6.0, 12.4, 0.02, 'S50')]));

        $sides = [];
        foreach (self::query($document, "//text[@class = 'plot-first' or @class = 'plot-second']") as $label) {
            $place = (float) $label->getAttribute('x') / 100.0;
            $width = 7.0 * strlen($label->textContent);
            $left = 240.0 * $place - match ($label->getAttribute('text-anchor')) {
                'start' => 0.0,
                'middle' => $width / 2.0,
                default => $width,
            };
            self::assertGreaterThan(-10.0, $left, $label->textContent);
            self::assertLessThan(250.0, $left + $width, $label->textContent);
            $sides[] = $label->getAttribute('text-anchor');
        }
        self::assertSame(['end', 'middle', 'start'], array_values(array_intersect(['end', 'middle', 'start'], $sides)));
    }

    public function testPhasesOfATinyNegativeDifferenceStayBelowOne(): void
    {
        self::assertSame(0.0, PhasePlot::phase(-1e-20, 1.0, 0.0));
        self::assertEqualsWithDelta(0.75, PhasePlot::phase(99.75, 1.0, 100.0), 1e-9);
    }

    public function testASmallCurveSaysItsRange(): void
    {
        $points = [new PlotPoint(self::BJD, 12.0, 0.02, 'S50'), new PlotPoint(self::BJD + 1.0, 12.4, 0.02, 'S50')];
        $svg = SmallCurve::of($points, 'TG', self::symbols($points), self::english());

        self::assertNotNull($svg);
        self::assertStringContainsString('aria-label="TG: 12.00 to 12.40 mag"', $svg);
        self::assertSame(2, substr_count($svg, '<circle'));
    }

    public function testAPlotIsInTheReadersLanguage(): void
    {
        $points = [
            new PlotPoint(self::BJD, 12.0, 0.02, 'S50'),
            new PlotPoint(self::BJD + 10.0, 12.4, null, 'S50', isCalibrated: false),
            new PlotPoint(self::BJD + 9.0, 12.2, 0.02, 'S50', isFlagged: true),
        ];
        $german = new Texts(Language::German);
        $plot = self::curve($points, texts: $german);
        $phase = PhasePlot::of($points, 'TG', 2.5, self::BJD, self::symbols($points), $german) ?? self::fail('no plot');

        self::assertSame(['S50', 'hohl: noch nicht kalibriert', 'blass: zweifelhaft'], array_column($plot->key, 'text'));
        self::assertContains('3. Juli', self::texts(self::document($plot)));
        self::assertContains('12,1', self::texts(self::document($plot)));
        self::assertContains('Phase, zwei Umläufe', self::texts(self::document($phase)));
        self::assertStringContainsString('12,400 mag Fehler unbekannt', $plot->svg);
        self::assertStringContainsString('aria-label="TG: 12,00 bis 12,40 mag"', (string) SmallCurve::of(array_slice($points, 0, 2), 'TG', self::symbols($points), $german));
        self::assertDoesNotMatchRegularExpression('/>[^<]*\d\.\d[^<]*</', $plot->svg . $phase->svg);
    }

    /** @param list<PlotPoint> $points */
    private static function curve(array $points, string $band = 'TG', ?Texts $texts = null): Plot
    {
        $plot = LightCurvePlot::of($points, $band, 0.003, self::symbols($points), $texts ?? self::english());
        self::assertNotNull($plot);

        return $plot;
    }

    /** @param list<PlotPoint> $points */
    private static function symbols(array $points): Symbols
    {
        return Symbols::of(array_map(static fn (PlotPoint $point): string => $point->telescope, $points));
    }

    private static function document(Plot $plot): \DOMDocument
    {
        $document = new \DOMDocument();
        self::assertTrue($document->loadXML($plot->svg));

        return $document;
    }

    /** @return list<string> */
    private static function texts(\DOMDocument $document): array
    {
        return array_map(static fn (\DOMElement $text): string => $text->textContent, self::query($document, '//text'));
    }

    /** @return list<\DOMElement> */
    private static function marks(\DOMDocument $document): array
    {
        return self::query($document, '//use');
    }

    /** @return list<\DOMElement> */
    private static function query(\DOMDocument $document, string $path): array
    {
        $found = [];
        foreach ((new \DOMXPath($document))->query($path) ?: [] as $node) {
            if ($node instanceof \DOMElement) {
                $found[] = $node;
            }
        }

        return $found;
    }

    private static function english(): Texts
    {
        return new Texts(Language::English);
    }
}
