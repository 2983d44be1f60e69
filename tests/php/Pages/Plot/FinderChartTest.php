<?php

declare(strict_types=1);

namespace CrowdSky\Tests\Pages\Plot;

use CrowdSky\Fits\SkyPosition;
use CrowdSky\Http\Language;
use CrowdSky\Measurements\PlateSolution;
use CrowdSky\Pages\Plot\FinderChart;
use CrowdSky\Pages\Plot\StarWindow;
use CrowdSky\Pages\Texts;
use PHPUnit\Framework\TestCase;

final class FinderChartTest extends TestCase
{
    /** Arcsec per pixel. */
    private const SCALE = 2.4;

    public function testTheStarIsInTheMiddleAndNorthWhereTheSolutionPutsIt(): void
    {
        $chart = self::window(100.0, 40.0);

        self::assertNotNull($chart);
        // 6 arcmin are 150 pixels; turned by 45 degrees the chart still is within the window.
        self::assertSame([212, 212], [$chart->window->width, $chart->window->height]);
        self::assertEqualsWithDelta(105.5, $chart->star[0], 0.51);
        self::assertEqualsWithDelta(105.5, $chart->star[1], 0.51);
        // Rows grow to the north, columns to the west.
        self::assertEqualsWithDelta([0.0, 1.0], $chart->north, 1e-3);
        self::assertEqualsWithDelta([-1.0, 0.0], $chart->east, 1e-3);
    }

    public function testNearAnEdgeTheWindowIsCut(): void
    {
        $chart = self::window(100.0, 40.0 + 495.0 * self::SCALE / 3600.0);

        self::assertNotNull($chart);
        self::assertLessThan(120, $chart->window->height);
        self::assertSame(9, $chart->ofStarAlone()->width);
        self::assertLessThan(9, self::window(100.0, 40.0 + 498.5 * self::SCALE / 3600.0)?->ofStarAlone()->height);
    }

    public function testAStarBesideThePictureHasNoChart(): void
    {
        self::assertNull(self::window(100.0, 40.5));
        self::assertNull(self::window(280.0, -40.0));
    }

    /**
     * @dataProvider cameras
     * @param array{float, float, float, float} $cd
     */
    public function testNorthIsUpHoweverTheCameraStood(array $cd): void
    {
        $chart = self::window(100.0, 40.0, $cd);
        self::assertNotNull($chart);
        $document = self::chart($chart);
        $image = $document->getElementsByTagName('image')->item(0);
        self::assertSame(1, preg_match('/^matrix\((.+)\)$/', (string) $image?->attributes?->getNamedItem('transform')?->nodeValue, $found));
        [$a, $b, $c, $d, $e, $f] = array_map(floatval(...), explode(' ', $found[1]));
        $onChart = static fn (float $x, float $y): array => [$a * $x + $c * $y + $e, $b * $x + $d * $y + $f];

        [$x, $y] = [$chart->star[0] + 0.5, $chart->star[1] + 0.5];
        self::assertEqualsWithDelta([0.0, 0.0], $onChart($x, $y), 0.01);
        // Ten pixels to the north are 24 arcsec up, to the east left.
        self::assertEqualsWithDelta([0.0, -24.0], $onChart($x + 10.0 * $chart->north[0], $y + 10.0 * $chart->north[1]), 0.05);
        self::assertEqualsWithDelta([-24.0, 0.0], $onChart($x + 10.0 * $chart->east[0], $y + 10.0 * $chart->east[1]), 0.05);
    }

    /** @return array<string, array{array{float, float, float, float}}> */
    public static function cameras(): array
    {
        return [
            'upright' => [[-1.0, 0.0, 0.0, 1.0]],
            'upside down' => [[1.0, 0.0, 0.0, -1.0]],
            'turned' => [[-0.8, 0.6, 0.6, 0.8]],
            'mirrored' => [[1.0, 0.0, 0.0, 1.0]],
        ];
    }

    public function testTheBarHasARoundLength(): void
    {
        $chart = self::window(100.0, 40.0);
        self::assertNotNull($chart);
        $document = self::chart($chart);

        $bar = $document->getElementsByTagName('line')->item(0);
        self::assertInstanceOf(\DOMElement::class, $bar);
        self::assertEqualsWithDelta(120.0, (float) $bar->getAttribute('x2') - (float) $bar->getAttribute('x1'), 0.02);
        $texts = array_map(static fn (\DOMNode $text): string => $text->textContent, iterator_to_array($document->getElementsByTagName('text'), false));
        self::assertSame(['N', 'E', '2′'], $texts);
    }

    private static function chart(StarWindow $chart): \DOMDocument
    {
        $document = new \DOMDocument();
        self::assertTrue($document->loadXML(FinderChart::svg('star_picture.php?star=1&epoch=2', $chart, 'a "chart"', new Texts(Language::English))));

        return $document;
    }

    /** @param array{float, float, float, float} $cd pixels of the sky for pixels of the picture */
    private static function window(float $ra, float $dec, array $cd = [-1.0, 0.0, 0.0, 1.0]): ?StarWindow
    {
        $star = SkyPosition::fromDegrees($ra, $dec);
        self::assertNotNull($star);
        $step = self::SCALE / 3600.0;

        return StarWindow::of(new PlateSolution(
            solver: 'test',
            verdict: 'good',
            catalogue: null,
            ra: 100.0,
            dec: 40.0,
            scale: self::SCALE,
            rotation: 0.0,
            parity: -1,
            fieldWidth: 1.0,
            fieldHeight: 1.0,
            rms: null,
            matched: null,
            inCatalogue: null,
            seconds: null,
            wcs: ['crval' => [100.0, 40.0], 'crpix' => [501.0, 501.0], 'cd' => array_map(static fn (float $part): float => $part * $step, $cd), 'width' => 1000, 'height' => 1000],
        ), $star, 6.0);
    }
}
