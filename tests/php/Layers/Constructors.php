<?php

declare(strict_types=1);

namespace CrowdSky\Tests\Layers;

use CrowdSky\Tests\Analysis\SourceFile;
use PhpParser\Node\Arg;
use PhpParser\Node\Expr\New_;
use PhpParser\NodeFinder;

/**
 * Which constructors have too many parameters: a class that needs so much does more than one thing and is split by
 * what it does.
 *
 * Records are exempt, since a row has as many columns as it has. A class is a record if its constructor only fills
 * public readonly properties with values: numbers, texts, lists, enums and other records, but no services. What is too
 * much to pass by position is passed by name.
 */
final class Constructors
{
    private const MOST = 8;

    /** @return list<string> sentences that begin with the line */
    public static function complaints(SourceFile $file): array
    {
        $complaints = [];
        foreach ($file->classes() as $class) {
            $constructor = (new \ReflectionClass($class))->getConstructor();
            $count = $constructor?->getNumberOfParameters() ?? 0;
            if ($count > self::MOST && !self::isRecord($class)) {
                $complaints[] = "{$constructor?->getStartLine()}: the constructor has $count parameters; split the class by what it does";
            }
        }
        foreach ((new NodeFinder())->findInstanceOf($file->statements, New_::class) as $new) {
            $unnamed = array_filter($new->args, static fn ($argument): bool => $argument instanceof Arg && $argument->name === null);
            if (count($unnamed) > self::MOST) {
                $complaints[] = "{$new->getStartLine()}: " . count($unnamed) . ' arguments are passed by position; name them';
            }
        }
        return $complaints;
    }

    /** @param class-string $class */
    private static function isRecord(string $class): bool
    {
        foreach (self::properties($class) as $property) {
            if ($property === null || !$property->isPublic()) {
                return false;
            }
        }
        return self::isValue($class);
    }

    /** Whether a class only wraps values; an interface, or a class that holds one, can stand for a service. */
    private static function isValue(string $class): bool
    {
        foreach (self::properties($class) as $property) {
            if ($property === null || !$property->isReadOnly() || !self::holdsValue($property->getType())) {
                return false;
            }
        }
        return self::properties($class) !== [];
    }

    /** @return list<\ReflectionProperty|null> what the constructor fills; null for a parameter that is used otherwise */
    private static function properties(string $class): array
    {
        return array_map(
            static fn (\ReflectionParameter $parameter): ?\ReflectionProperty => $parameter->isPromoted()
                ? new \ReflectionProperty($class, $parameter->getName())
                : null,
            (new \ReflectionClass($class))->getConstructor()?->getParameters() ?? [],
        );
    }

    private static function holdsValue(?\ReflectionType $type): bool
    {
        return $type instanceof \ReflectionNamedType && match (true) {
            $type->isBuiltin() => !in_array($type->getName(), ['mixed', 'object', 'callable'], true),
            $type->getName() === \DateTimeImmutable::class, enum_exists($type->getName()) => true,
            default => $type->getName() !== \Closure::class && self::isValue($type->getName()),
        };
    }
}
