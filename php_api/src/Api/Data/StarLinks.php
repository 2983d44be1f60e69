<?php

declare(strict_types=1);

namespace CrowdSky\Api\Data;

use CrowdSky\Kernel\App;
use CrowdSky\Sky\SkyServices;
use CrowdSky\Sky\Viewer;
use CrowdSky\Stars\ListedStar;

/** Addresses of what belongs to a star: its light curve, and cut-outs of stacks around it. */
final class StarLinks
{
    /** Arcminutes. */
    private const SIZE = 4;
    /** Seconds of a day, and MJD of the epoch of Unix. */
    private const DAY = 86_400.0;
    private const UNIX = 40_587.0;

    public function __construct(private readonly DataCall $call)
    {
    }

    public function lightCurve(ListedStar $star): string
    {
        return $this->call->address("light_curve.php?star={$star->id}");
    }

    /** @return string|null null without a stack */
    public function cutOut(?int $stackId, ListedStar $star): ?string
    {
        $place = sprintf('ra=%.6f&dec=%.6f', $star->position->ra, $star->position->dec);

        return $stackId === null ? null : $this->call->address("cutout.php?id=$stackId&$place&size=" . self::SIZE . '&format=png');
    }

    /** @return string|null a time as all calls give it, UTC */
    public static function time(?float $mjd): ?string
    {
        return $mjd === null ? null : gmdate('Y-m-d\TH:i:s\Z', (int) round(($mjd - self::UNIX) * self::DAY));
    }

    /**
     * @param list<int> $epochs
     * @return array<int, int> the stacks of epochs, by epoch, of those that the viewer sees
     */
    public static function stacksOf(App $app, array $epochs, Viewer $viewer): array
    {
        if ($epochs === []) {
            return [];
        }
        $marks = implode(', ', array_fill(0, count($epochs), '?'));
        $rows = $app->database()->all("SELECT id, stack_id FROM epochs WHERE id IN ($marks)", $epochs);
        $stacks = array_column($rows, 'stack_id', 'id');
        $seen = SkyServices::of($app)->search()->byId(array_values(array_unique(array_map(intval(...), $stacks))), $viewer);

        return array_map(intval(...), array_filter($stacks, static fn (mixed $stack): bool => isset($seen[(int) $stack])));
    }
}
