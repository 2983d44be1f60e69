<?php

declare(strict_types=1);

namespace CrowdSky\Pages\Nights;

use CrowdSky\Pages\Texts;
use CrowdSky\Stacks\StackedSub;

/** What the page of a chunk's subs shows: how many were used, and how they were over time. */
final class SubReportView
{
    public readonly int $nUsed;
    public readonly bool $isOverTime;

    /** @param list<StackedSub> $subs */
    public function __construct(public readonly array $subs, private readonly Texts $texts)
    {
        $this->nUsed = count(array_filter($subs, static fn (StackedSub $sub): bool => $sub->isUsed));
        $this->isOverTime = array_filter($subs, static fn (StackedSub $sub): bool => $sub->time() === null) === [];
    }

    /** @return list<array{title: string, range: string, plot: string}> a drawing for each value that varies or is known of several subs */
    public function plots(): array
    {
        $plots = [];
        foreach ($this->kinds() as [$title, $decimals, $value]) {
            $points = [];
            foreach ($this->subs as $number => $sub) {
                $points[] = [$this->isOverTime ? (float) $sub->time() : (float) $number, $value($sub), $sub->isUsed];
            }
            $known = array_filter(array_column($points, 1), static fn (?float $one): bool => $one !== null);
            $range = $known === [] ? '' : $this->texts->say('{least} to {most}', [
                'least' => $this->texts->number(min($known), $decimals),
                'most' => $this->texts->number(max($known), $decimals),
            ]);
            $plot = SubPlot::of($points, "$title: $range");
            if ($plot !== null) {
                $plots[] = ['title' => $title, 'range' => $range, 'plot' => $plot];
            }
        }

        return $plots;
    }

    /** @return list<array{string, int, \Closure(StackedSub): ?float}> title, decimals and value */
    private function kinds(): array
    {
        return [
            [$this->texts->say('Width of stars (FWHM, pixels)'), 1, static fn (StackedSub $sub): ?float => $sub->fwhm],
            [$this->texts->say('Ellipticity of stars (0: round)'), 2, static fn (StackedSub $sub): ?float => $sub->ellipticity],
            [$this->texts->say('Stars found'), 0, static fn (StackedSub $sub): ?float => $sub->stars === null ? null : (float) $sub->stars],
            [$this->texts->say('Sky (counts)'), 0, static fn (StackedSub $sub): ?float => $sub->sky],
            [$this->texts->say('Weight'), 2, static fn (StackedSub $sub): ?float => $sub->weight],
        ];
    }
}
