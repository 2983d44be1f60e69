<?php

declare(strict_types=1);

namespace CrowdSky\Uploads;

/** The subs of a session are not those that were grouped: one has arrived, or has gone, since. */
final class SubsChanged extends \RuntimeException
{
}
