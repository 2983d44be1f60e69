<?php

declare(strict_types=1);

namespace CrowdSky\Custody;

use CrowdSky\Base\Refusal;
use CrowdSky\Base\RefusalKind;

/**
 * Nothing can be deleted or moved in storage, because it is not certain whose the stacks there are.
 */
final class CustodyInDoubt extends Refusal
{
    public function __construct(public readonly Doubt $doubt)
    {
        $message = 'Nothing can be deleted from the archive now: its operator has to settle first whose stacks these are';
        parent::__construct(RefusalKind::Unavailable, 'custody_in_doubt', $message, null, new \RuntimeException($doubt->sentence()));
    }
}
