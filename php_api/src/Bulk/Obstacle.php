<?php

declare(strict_types=1);

namespace CrowdSky\Bulk;

/** Why an action cannot be done with some of what was chosen, as far as that can be seen beforehand. */
enum Obstacle: string
{
    case Completed = 'completed';
    case Running = 'running';
    case Finished = 'finished';
    case NoSubs = 'no_subs';
    case Rescanning = 'rescanning';
}
