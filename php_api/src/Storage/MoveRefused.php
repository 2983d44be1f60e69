<?php

declare(strict_types=1);

namespace CrowdSky\Storage;

/**
 * The storage answers, but does not move files; the object stays where it is.
 */
final class MoveRefused extends \RuntimeException
{
}
