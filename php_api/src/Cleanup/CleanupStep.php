<?php

declare(strict_types=1);

namespace CrowdSky\Cleanup;

/**
 * One kind of thing that cleanup discards or settles. A step can be interrupted anywhere and run again.
 */
interface CleanupStep
{
    /** Does the step and counts in the report; in a dry run it changes nothing and counts what it would do. */
    public function run(CleanupReport $report): void;
}
