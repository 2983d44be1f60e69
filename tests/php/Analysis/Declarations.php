<?php

declare(strict_types=1);

namespace CrowdSky\Tests\Analysis;

/**
 * What classes and functions declare, by reflection, and what their comments add about lists.
 */
final class Declarations
{
    public static function method(string $class, string $name): ?\ReflectionMethod
    {
        return method_exists($class, $name) ? new \ReflectionMethod($class, $name) : null;
    }

    /** What a call of a function or method gives. */
    public static function returned(\ReflectionFunctionAbstract $function, string $class): ?Type
    {
        $declared = Type::declared($function->hasReturnType() ? $function->getReturnType() : $function->getTentativeReturnType(), $class);
        $docs = self::docs($function);
        return $declared?->filledAs($docs?->tagged($function->getDocComment(), 'return'));
    }

    /** What a function gets as one of its parameters. */
    public static function parameter(\ReflectionParameter $parameter, string $class): ?Type
    {
        $function = $parameter->getDeclaringFunction();
        $declared = Type::declared($parameter->getType(), $class);
        $said = self::docs($function)?->tagged($function->getDocComment(), 'param', $parameter->getName());
        return $parameter->isVariadic() ? Type::listOf($declared) : $declared?->filledAs($said);
    }

    public static function property(string $class, string $name): ?Type
    {
        if (!property_exists($class, $name)) {
            return null;
        }
        $property = new \ReflectionProperty($class, $name);
        $declared = Type::declared($property->getType(), $class);
        $owner = $property->getDeclaringClass();
        $file = $owner->getFileName();
        if ($declared === null || $file === false) {
            return $declared;
        }
        $docs = SourceFile::read($file)->docTypes($owner->getName());
        $said = $docs->tagged($property->getDocComment(), 'var')
            ?? $docs->tagged((string) $owner->getConstructor()?->getDocComment(), 'param', $name);
        return $declared->filledAs($said);
    }

    public static function constant(string $class, string $name): ?Type
    {
        $value = (new \ReflectionClassConstant($class, $name))->getValue();
        return is_object($value) ? Type::of($value::class) : Type::of(self::nativeName($value));
    }

    public static function nativeName(mixed $value): string
    {
        return ['integer' => 'int', 'double' => 'float', 'boolean' => 'bool', 'NULL' => 'null'][gettype($value)] ?? gettype($value);
    }

    private static function docs(\ReflectionFunctionAbstract $function): ?DocTypes
    {
        $file = $function->getFileName();
        $class = $function instanceof \ReflectionMethod ? $function->getDeclaringClass()->getName() : '';
        return $file === false ? null : SourceFile::read($file)->docTypes($class);
    }
}
