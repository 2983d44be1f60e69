<?php

declare(strict_types=1);

namespace CrowdSky\Pages\Admin;

use CrowdSky\Bulk\BulkAction;
use CrowdSky\Pages\Texts;

/** What is said of a change to many jobs or stacks. */
final class BulkWords
{
    /** @return string that so many were changed, in the admin's language */
    public static function changed(Texts $texts, BulkAction $action, int $n): string
    {
        return match ($action) {
            BulkAction::Cancel => $texts->count($n, '{n} job is cancelled.', '{n} jobs are cancelled.'),
            BulkAction::Requeue => $texts->count($n, '{n} job waits for a worker again.', '{n} jobs wait for a worker again.'),
            BulkAction::Priority => $texts->count($n, 'The priority of {n} job is set.', 'The priority of {n} jobs is set.'),
            BulkAction::Rescan => $texts->count($n, '{n} stack will be measured again.', '{n} stacks will be measured again.'),
        };
    }
}
