<?php

declare(strict_types=1);

namespace CrowdSky\Fits;

/** A binary table, or a column of one, that cannot be read; the message names both and says why. */
final class UnreadableTable extends \RuntimeException
{
}
