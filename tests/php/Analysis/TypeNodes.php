<?php

declare(strict_types=1);

namespace CrowdSky\Tests\Analysis;

use PhpParser\Node;

/**
 * Types as they are written in the code, for what reflection does not reach: closures and functions of scripts.
 */
final class TypeNodes
{
    /** @param string $class what self and static stand for */
    public static function type(?Node $node, string $class): ?Type
    {
        if ($node instanceof Node\NullableType) {
            $type = self::type($node->type, $class);
            return $type === null ? null : Type::either($type, Type::of('null'));
        }
        if ($node instanceof Node\UnionType) {
            return Type::either(...array_map(static fn (Node $one): ?Type => self::type($one, $class), $node->types));
        }
        if ($node instanceof Node\Name) {
            return Type::of($node->isSpecialClassName() ? $class : $node->toString());
        }
        $isKnown = $node instanceof Node\Identifier && $node->toLowerString() !== 'mixed';
        return $isKnown ? Type::of($node->toLowerString()) : null;
    }
}
