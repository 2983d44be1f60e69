<?php

declare(strict_types=1);

namespace CrowdSky\Changes;

/** Which stacks everybody sees; Sky\Visibility says who sees the others. */
final class PublicStacks
{
    /**
     * Of rows of stacked_frames s. The owner is looked up row by row: of a join, MariaDB reads the few owners first and then all
     * of their stacks.
     */
    public const CONDITION = "(s.visibility = 'public' OR (s.visibility = 'inherit'
        AND (SELECT o.stacks_public FROM users o WHERE o.id = s.user_id) = 1))";
}
