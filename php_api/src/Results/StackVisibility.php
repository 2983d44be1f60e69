<?php

declare(strict_types=1);

namespace CrowdSky\Results;

/**
 * What was chosen for one stack about who sees it. Who does see it is decided in Sky\Visibility.
 */
enum StackVisibility: string
{
    /** As the owner's account says. */
    case Inherit = 'inherit';
    case Public = 'public';
    case Private = 'private';

    /** The choice for a stack that is new in the archive: what was found in storage stays private until its owner decides. */
    public static function ofNew(bool $isFound): self
    {
        return $isFound ? self::Private : self::Inherit;
    }
}
