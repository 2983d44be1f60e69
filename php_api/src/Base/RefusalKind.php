<?php

declare(strict_types=1);

namespace CrowdSky\Base;

/**
 * Why something is refused, in the site's own words; only the Http folder knows what HTTP calls it.
 */
enum RefusalKind
{
    /** What was sent is malformed or contradicts itself. */
    case BadInput;
    /** It takes a valid key. */
    case KeyNeeded;
    /** It takes a login, or the name and password for one are wrong. */
    case LoginNeeded;
    /** Whoever asks is known and may not have it. */
    case Forbidden;
    /** There is no such thing, or not for whoever asks. */
    case NotFound;
    /** The thing is in a state that does not allow it, or no longer allows it. */
    case Conflict;
    /** The size of what is sent must be announced. */
    case SizeNeeded;
    case TooLarge;
    /** Well formed, but what it says does not hold, or cannot be used. */
    case Unusable;
    case TooOften;
    /** Not now; the same request may succeed later. */
    case Unavailable;
    /** There is no space left for it. */
    case NoRoom;
    /** The set-up of this server is at fault, and its operator has to fix it. */
    case SiteFault;
}
