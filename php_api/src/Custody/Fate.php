<?php

declare(strict_types=1);

namespace CrowdSky\Custody;

/**
 * What the gate has done with a file.
 */
enum Fate
{
    case Deleted;
    /** Moved to trash, where it stays for trash_days. */
    case Trashed;
    /** It may be somebody else's, or the only copy of a stack; or the storage cannot move it. */
    case Kept;
    /** There was nothing under that path. */
    case Absent;
}
