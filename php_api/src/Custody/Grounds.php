<?php

declare(strict_types=1);

namespace CrowdSky\Custody;

/**
 * On what grounds a file that a run has stored is to go.
 */
enum Grounds
{
    /** The stack of the job is archived and was read back a moment ago. */
    case StackProven;
    /** The owner of the job, or an admin, has deleted it. */
    case JobDeleted;
    /** Nothing is archived for the job, so the file may be the only copy of its stack. */
    case NotNeeded;
    /** An operator insists, though this database does not know the run. */
    case OperatorInsists;
}
