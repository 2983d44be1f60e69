<?php

declare(strict_types=1);

namespace CrowdSky\Pages\Stars;

use CrowdSky\Accounts\Visitor;
use CrowdSky\Base\Refusal;
use CrowdSky\Calibrations\CalibrationChoice;
use CrowdSky\Fits\CutOutPicture;
use CrowdSky\Fits\PixelSpans;
use CrowdSky\Fits\PublicHeader;
use CrowdSky\Fits\SkyPosition;
use CrowdSky\Http\FileResponse;
use CrowdSky\Http\Request;
use CrowdSky\Http\Response;
use CrowdSky\Kernel\App;
use CrowdSky\LightCurves\StarEpoch;
use CrowdSky\LightCurves\StarEpochs;
use CrowdSky\Measurements\MeasurementStore;
use CrowdSky\Pages\Plot\FinderChart;
use CrowdSky\Pages\Plot\StarWindow;
use CrowdSky\Pages\Texts;
use CrowdSky\Sky\Viewer;
use CrowdSky\Sky\VisibleStacks;
use CrowdSky\Stacks\Stack;
use CrowdSky\Stacks\StackTransfer;
use CrowdSky\Stars\ListedStar;

/** What a stack shows around a star, as a picture, and as a chart with what is needed to find the star in it. */
final class StarPicture
{
    /** Of a finder chart and of pictures beside each other, arcmin. */
    private const CHART = 8.0;
    private const PAIR = 4.0;
    /** MJD of the year 2000.0, and days of a Julian year. */
    private const J2000 = 51544.5;
    private const YEAR = 365.25;
    /** Short: a stack may stop being visible, and a calibration changes how light compares. */
    private const CACHE = 'private, max-age=600';

    private function __construct(private readonly App $app, private readonly ListedStar $star, private readonly Viewer $viewer)
    {
    }

    public static function of(App $app, ListedStar $star, Viewer $viewer): self
    {
        return new self($app, $star, $viewer);
    }

    /**
     * star_picture.php: the picture alone, as PNG.
     *
     * With `like` it is small and stretched so that light looks as it does in that other epoch.
     *
     * @throws Refusal for a star or an epoch that the visitor does not see, and where there is no picture
     */
    public static function answer(App $app, Request $request): Response
    {
        $viewer = Viewer::of(Visitor::of($app, $request)->requireUser());
        $epochs = new StarEpochs($app->database());
        $star = $epochs->star($request->queryId('star'), $viewer);
        $epoch = $epochs->get($request->queryId('epoch'), $viewer);
        $like = $request->query('like') === null ? null : $epochs->get($request->queryId('like'), $viewer);

        return (new self($app, $star, $viewer))->png($request, $epoch, $like);
    }

    /**
     * @param StarEpoch|null $like null for a large chart, stretched by itself
     * @return string|null HTML; null when the stack does not show the place of the star
     */
    public function chart(StarEpoch $epoch, ?StarEpoch $like, string $title, Texts $texts): ?string
    {
        $stack = VisibleStacks::of($this->app)->get($epoch->stackId, $this->viewer);
        $chart = $stack->damagedAt === null ? $this->window($epoch, $stack, $like === null ? self::CHART : self::PAIR) : null;
        if ($chart === null) {
            return null;
        }
        // Browsers may keep the picture, and a rescan moves what it shows.
        $version = substr(hash('sha256', json_encode([$stack->sha256, $chart->window], JSON_THROW_ON_ERROR)), 0, 8);
        $address = "star_picture.php?star={$this->star->id}&epoch={$epoch->id}" . ($like === null ? '' : "&like={$like->id}") . "&v=$version";

        return FinderChart::svg($address, $chart, $title, $texts);
    }

    /** Whether it is known how the light of two epochs compares, so that their pictures can have one stretch. */
    public function areComparable(StarEpoch $one, StarEpoch $other): bool
    {
        return $this->factors($one, $other) !== [];
    }

    private function png(Request $request, StarEpoch $epoch, ?StarEpoch $like): Response
    {
        $stack = VisibleStacks::of($this->app)->get($epoch->stackId, $this->viewer);
        StackTransfer::of($this->app)->requireWhole($stack);
        $chart = $this->window($epoch, $stack, $like === null ? self::CHART : self::PAIR)
            ?? throw Refusal::notFound("The stack {$stack->id} does not show the place of the star {$this->star->id}.");
        $spans = $like === null ? null : $this->spans($epoch, $like);
        $png = CutOutPicture::ofStored($this->app->storage(), $stack->path, $stack->bytes, $chart->window, $spans)
            ?? throw Refusal::notFound("The file of the stack {$stack->id} has no pictures of the size that its solution names.");
        $tag = implode('-', ['star', $stack->sha256, PublicHeader::VERSION, $this->star->id, $like->id ?? 0]);
        $print = static fn (int $offset, int $length) => StackTransfer::send(substr($png, $offset, $length));

        return FileResponse::streamed($request, strlen($png), $tag, 'image/png', "star_{$this->star->id}.png", $print, 'inline')->with(['Cache-Control' => self::CACHE]);
    }

    private function spans(StarEpoch $epoch, StarEpoch $like): ?PixelSpans
    {
        $stack = VisibleStacks::of($this->app)->get($like->stackId, $this->viewer);
        $chart = $stack->damagedAt === null ? $this->window($like, $stack, self::PAIR) : null;
        $spans = $chart === null
            ? null
            : PixelSpans::ofStar($this->app->storage(), $stack->path, $stack->bytes, $chart->window, $chart->ofStarAlone());

        return $epoch->id === $like->id ? $spans : $spans?->times($this->factors($epoch, $like));
    }

    /** @return array<string, float> ADU in the one epoch for each in the other, by plane; empty if that is not known */
    private function factors(StarEpoch $epoch, StarEpoch $like): array
    {
        $choice = CalibrationChoice::of($this->app);
        $calibrations = $epoch->fieldId === null || $epoch->fieldId !== $like->fieldId ? [] : $choice->forViewer($epoch->fieldId, $this->viewer);
        $zeroPoints = $choice->zeroPoints($calibrations, [$epoch->id, $like->id]);

        return isset($zeroPoints[$epoch->id], $zeroPoints[$like->id])
            ? $epoch->calibratedBy($zeroPoints[$epoch->id])->aduFor($like->calibratedBy($zeroPoints[$like->id]))
            : $epoch->aduFor($like);
    }

    private function window(StarEpoch $epoch, Stack $stack, float $size): ?StarWindow
    {
        $solution = (new MeasurementStore($this->app->database()))->find($stack->id)?->solution;

        return $solution === null ? null : StarWindow::of($solution, $this->place($epoch), $size);
    }

    /** Where the star was then: some move by several pixels. */
    private function place(StarEpoch $epoch): SkyPosition
    {
        [$x, $y, $z] = $this->star->vector($epoch->mjd === null ? null : 2000.0 + ($epoch->mjd - self::J2000) / self::YEAR);

        return SkyPosition::fromDegrees(rad2deg(atan2($y, $x)), rad2deg(atan2($z, hypot($x, $y)))) ?? $this->star->position;
    }
}
