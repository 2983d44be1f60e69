<?php

declare(strict_types=1);

namespace CrowdSky\Timekeeping;

/**
 * What is deleted by its age.
 */
enum DueKind: string
{
    case Upload = 'upload';
    case ArchivedRaws = 'archived raws';
    case AbandonedRaws = 'abandoned raws';
    case ReplacedFile = 'replaced file';
    case RescanLeftovers = 'rescan leftovers';
    case EndedCheck = 'ended check';
    case EndedJob = 'ended job';
    case SpoolFile = 'spool file';
    case TrashedFile = 'trashed file';
    case RawOrphan = 'raw orphan';
}
