<?php

declare(strict_types=1);

namespace CrowdSky\LightCurves;

use CrowdSky\Database\Condition;
use CrowdSky\Sky\Viewer;
use CrowdSky\Sky\Visibility;

/** The epochs of whole stacks that count now and whose stacks a viewer sees. */
final class SeenEpochs
{
    /** Tables that the condition is about. */
    public const FROM = 'star_observations o JOIN epochs e ON e.id = o.epoch_id JOIN ' . Visibility::FROM . ' ON s.id = e.stack_id';

    public static function condition(Viewer $viewer): Condition
    {
        return Condition::all(new Condition('e.series_seconds = 0 AND e.superseded_at IS NULL'), Visibility::condition($viewer));
    }
}
