<?php

declare(strict_types=1);

namespace CrowdSky\Variables;

/** A catalogue file that cannot be imported; the message says where and why. */
final class UnreadableCatalogue extends \InvalidArgumentException
{
}
