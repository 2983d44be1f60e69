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
    /** A valid key is needed. */
    case KeyNeeded;
    /** The name and password of an account must come with the call, and are missing or wrong. */
    case PasswordNeeded;
    /** A login is needed, or its name and password are wrong. */
    case LoginNeeded;
    /** The caller is known but not allowed to. */
    case Forbidden;
    /** There is no such thing, or the caller may not see it. */
    case NotFound;
    /** The state of the thing does not allow it, or no longer does. */
    case Conflict;
    /** The size of the upload must be announced. */
    case SizeNeeded;
    case TooLarge;
    /** Well formed, but wrong or of no use. */
    case Unusable;
    case TooOften;
    /** Not now; the same request may succeed later. */
    case Unavailable;
    /** There is no space left for it. */
    case NoRoom;
    /** This server is set up wrongly; its operator has to fix it. */
    case SiteFault;
}
