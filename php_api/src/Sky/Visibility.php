<?php

declare(strict_types=1);

namespace CrowdSky\Sky;

use CrowdSky\Changes\PublicStacks;
use CrowdSky\Database\Condition;
use CrowdSky\Results\StackVisibility;
use CrowdSky\Stacks\Stack;

/**
 * Who sees which stack. Every list, count, page and download of stacks that are not asked for by their owner's id alone
 * takes its answer from here, either as a condition of a query or as a question about one stack.
 *
 * A stack is public if that was chosen for it, or if nothing was and its owner's account is public. Others than the
 * owner still get copies without position only, whatever they see.
 */
final class Visibility
{
    /**
     * The table that the condition is about. The owner is looked up row by row: of a join, MariaDB reads the few owners
     * first and then all of their stacks.
     */
    public const FROM = 'stacked_frames s';

    private const IS_PUBLIC = PublicStacks::CONDITION;

    /** @return Condition of a query on FROM */
    public static function condition(Viewer $viewer): Condition
    {
        return match (true) {
            $viewer->seesAll => new Condition('1 = 1'),
            $viewer->userId === null => new Condition(self::IS_PUBLIC),
            default => new Condition('(s.user_id = ? OR ' . self::IS_PUBLIC . ')', [$viewer->userId]),
        };
    }

    public static function allows(Stack $stack, Viewer $viewer): bool
    {
        return $viewer->seesAll || $viewer->owns($stack->userId) || self::isPublic($stack);
    }

    /** The same as IS_PUBLIC for one stack. */
    public static function isPublic(Stack $stack): bool
    {
        return match ($stack->visibility) {
            StackVisibility::Public => true,
            StackVisibility::Private => false,
            StackVisibility::Inherit => $stack->isOwnerPublic,
        };
    }
}
