<?php

declare(strict_types=1);

namespace CrowdSky\Pages\Stars;

use CrowdSky\Kernel\App;
use CrowdSky\LightCurves\FoundVariable;
use CrowdSky\LightCurves\StarEpoch;
use CrowdSky\LightCurves\StarEpochs;
use CrowdSky\Pages\Texts;
use CrowdSky\Sky\Viewer;
use CrowdSky\Stars\ListedStar;

/** The same place of the sky in several stacks, so that the eye can judge what changed. */
final class ChartPair
{
    /** @param list<array{svg: string, caption: string, mjd: ?float, stackId: int}> $charts */
    private function __construct(
        public readonly array $charts,
        /** whether light looks the same in all of them; else each is stretched by itself */
        public readonly bool $isOneStretch,
    ) {
    }

    /** @return self|null the star at its brightest and faintest; null when the viewer does not see both stacks */
    public static function ofVariable(App $app, ListedStar $star, FoundVariable $found, Viewer $viewer, Texts $texts): ?self
    {
        $epochs = new StarEpochs($app->database());
        $bright = $found->brightEpochId === null ? null : $epochs->find($found->brightEpochId, $viewer);
        $faint = $found->faintEpochId === null ? null : $epochs->find($found->faintEpochId, $viewer);
        if ($bright === null || $faint === null) {
            return null;
        }

        return self::of($app, $star, [$texts->say('Brightest') => $bright, $texts->say('Faintest') => $faint], $bright, $viewer, $texts);
    }

    /** @return self|null before it was there, and in two chunks with it; null when the viewer does not see all three */
    public static function ofNewSource(App $app, ListedStar $star, Viewer $viewer, Texts $texts): ?self
    {
        $epochs = new StarEpochs($app->database());
        $without = $epochs->deepestWithout($star->id, $viewer);
        $with = $epochs->firstOfTwoChunks($star->id, $viewer);
        if ($without === null || count($with) < 2) {
            return null;
        }

        $shown = [$texts->say('Before') => $without, $texts->say('First seen') => $with[0], $texts->say('Seen again') => $with[1]];

        return self::of($app, $star, $shown, $with[0], $viewer, $texts);
    }

    /**
     * @param array<string, StarEpoch> $epochs by caption
     * @param StarEpoch $like in which the star's brightest pixel is white
     * @return self|null null when one of the stacks does not show the place
     */
    public static function of(App $app, ListedStar $star, array $epochs, StarEpoch $like, Viewer $viewer, Texts $texts): ?self
    {
        $pictures = StarPicture::of($app, $star, $viewer);
        $charts = [];
        $isOneStretch = true;
        foreach ($epochs as $caption => $epoch) {
            $svg = $pictures->chart($epoch, $like, $texts->say('Star {id}', ['id' => $star->id]) . ": $caption", $texts);
            if ($svg === null) {
                return null;
            }
            $charts[] = ['svg' => $svg, 'caption' => $caption, 'mjd' => $epoch->mjd, 'stackId' => $epoch->stackId];
            $isOneStretch = $isOneStretch && ($epoch->id === $like->id || $pictures->areComparable($epoch, $like));
        }

        return new self($charts, $isOneStretch);
    }
}
