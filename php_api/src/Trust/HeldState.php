<?php

declare(strict_types=1);

namespace CrowdSky\Trust;

/**
 * What became of a result that had to wait.
 */
enum HeldState: string
{
    /** Waits for a second opinion. */
    case Held = 'held';
    /** Another result of the same frames agreed and was published. */
    case Agreed = 'agreed';
    /** A differing result was published. */
    case Disagreed = 'disagreed';
    /** Published without a second opinion, by hand or because none came. */
    case Published = 'published';
    /** Rejected by an admin. */
    case Rejected = 'rejected';
    /** Its frames were deleted with a job that was given up, or more frames joined the job. */
    case Dropped = 'dropped';
}
