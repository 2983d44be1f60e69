<?php

declare(strict_types=1);

namespace CrowdSky\Bulk;

/** What can be done with many jobs, or with the stacks that they made. */
enum BulkAction: string
{
    case Cancel = 'cancel';
    case Requeue = 'requeue';
    case Priority = 'priority';
    /** of stacks */
    case Rescan = 'rescan';
}
