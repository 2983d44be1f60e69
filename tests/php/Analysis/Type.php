<?php

declare(strict_types=1);

namespace CrowdSky\Tests\Analysis;

/**
 * What a value can be, as far as the code says: names of native types in lower case and names of classes.
 *
 * Where nothing is known, there is no Type but null, and nothing is checked.
 */
final class Type
{
    private const CONTAINERS = ['array', 'iterable', 'traversable', 'generator'];

    /**
     * @param non-empty-list<string> $names any of which the value may be
     * @param self|null $element of what a list or generator gives; null when it is not known
     * @param list<?self> $parts of a list that holds a fixed number of values of different types
     */
    private function __construct(
        public readonly array $names,
        public readonly ?self $element = null,
        public readonly array $parts = [],
    ) {
    }

    public static function of(string ...$names): self
    {
        return new self(array_values(array_unique($names)));
    }

    public static function listOf(?self $element): self
    {
        return new self(['array'], $element);
    }

    public static function tuple(?self ...$parts): self
    {
        return new self(['array'], null, $parts);
    }

    /** @param string $self the class that self and static stand for */
    public static function declared(?\ReflectionType $type, string $self): ?self
    {
        if ($type instanceof \ReflectionUnionType) {
            return self::either(...array_map(static fn (\ReflectionType $one): ?self => self::declared($one, $self), $type->getTypes()));
        }
        if (!$type instanceof \ReflectionNamedType || $type->getName() === 'mixed') {
            return null;
        }
        $name = in_array($type->getName(), ['self', 'static'], true) ? $self : $type->getName();
        return $type->allowsNull() ? self::of($name, 'null') : self::of($name);
    }

    /** One of several; unknown as soon as one of them is. What never comes back adds nothing. */
    public static function either(?self ...$types): ?self
    {
        if (count($types) === 1) {
            return $types[0];
        }
        $names = [];
        $elements = [];
        foreach ($types as $type) {
            if ($type === null) {
                return null;
            }
            array_push($names, ...$type->names);
            $elements[] = $type->element;
        }
        $names = array_values(array_unique(array_diff($names, ['never'])));
        $known = array_filter($elements);
        return $names === [] ? null : new self($names, count($known) === 1 ? reset($known) : null);
    }

    /** The same with what is in it, where a comment says more than the declaration. */
    public function filledAs(?self $said): self
    {
        $isContainer = array_intersect(array_map(strtolower(...), $this->names), self::CONTAINERS) !== [];
        return $isContainer && $said !== null ? new self($this->names, $said->element, $said->parts) : $this;
    }

    public function withoutNull(): ?self
    {
        $names = array_values(array_diff($this->names, ['null']));
        return $names === [] ? null : new self($names, $this->element, $this->parts);
    }

    /** @return list<class-string> */
    public function classes(): array
    {
        return array_values(array_filter($this->names, static fn (string $name): bool => class_exists($name) || interface_exists($name)));
    }

    /** Whether nothing but an object can be meant, so that every name is one of a class. */
    public function isObject(): bool
    {
        return count($this->classes()) === count($this->names);
    }

    /** Whether some value of this type may go where $wanted is declared, with strict types; false is a fault. */
    public function fits(self $wanted): bool
    {
        foreach ($this->names as $name) {
            foreach ($wanted->names as $other) {
                if (self::isAccepted($name, $other)) {
                    return true;
                }
            }
        }
        return false;
    }

    public function inWords(): string
    {
        return implode('|', $this->names);
    }

    private static function isAccepted(string $name, string $wanted): bool
    {
        $isClass = class_exists($name) || interface_exists($name);
        return match (true) {
            $name === $wanted, $wanted === 'mixed' => true,
            $wanted === 'float' => $name === 'int',
            $wanted === 'bool' => in_array($name, ['true', 'false'], true),
            $wanted === 'iterable' => $name === 'array' || is_a($name, \Traversable::class, true),
            $wanted === 'callable' => in_array($name, ['string', 'array'], true) || $isClass,
            $wanted === 'object' => $isClass,
            in_array($wanted, ['true', 'false'], true) => $name === 'bool',
            // Whoever has a parent in hand may have the child; only strangers are a fault.
            $isClass => is_a($name, $wanted, true) || is_a($wanted, $name, true) || interface_exists($name) || interface_exists($wanted),
            default => $name === 'callable' && $wanted === \Closure::class || $name === 'iterable' || $name === 'object',
        };
    }
}
