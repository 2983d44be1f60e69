<?php

declare(strict_types=1);

namespace CrowdSky\Base;

/**
 * The site cannot run with the settings it was given. The message lists every problem found.
 */
final class ConfigurationError extends \RuntimeException
{
}
