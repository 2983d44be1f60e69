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
    /** Another result of the same frames agrees, and that one was published. */
    case Agreed = 'agreed';
    /** Another result was published that differs. */
    case Disagreed = 'disagreed';
    /** Published without a second opinion, by hand or because none came. */
    case Published = 'published';
    /** An admin did not believe it. */
    case Rejected = 'rejected';
    /** Its frames are gone with a job that was given up, or others have joined them. */
    case Dropped = 'dropped';
}
