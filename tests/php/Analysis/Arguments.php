<?php

declare(strict_types=1);

namespace CrowdSky\Tests\Analysis;

use PhpParser\Node\Expr;

/**
 * Whether the arguments of a call are those that the function takes.
 */
final class Arguments
{
    /**
     * @param \ReflectionFunctionAbstract|null $function null for a class without a constructor
     * @param string $class that self means in the function's declaration
     * @return list<string> what is wrong
     */
    public static function faults(Expr\CallLike $call, ?\ReflectionFunctionAbstract $function, string $class, Scope $scope): array
    {
        $parameters = [];
        foreach ($function?->getParameters() ?? [] as $parameter) {
            $parameters[$parameter->getName()] = $parameter;
        }
        $faults = [];
        $missing = $parameters;
        foreach ($call->getArgs() as $place => $argument) {
            if ($argument->unpack) {
                // How many there are is known only when it runs.
                return $faults;
            }
            $parameter = self::parameter($parameters, $argument->name?->toString() ?? $place);
            if ($parameter === null) {
                $faults[] = $argument->name === null
                    ? 'gets ' . count($call->getArgs()) . ' arguments and takes ' . count($parameters)
                    : "takes no argument named {$argument->name}";
                continue;
            }
            unset($missing[$parameter->getName()]);
            array_push($faults, ...self::mismatch($parameter, $class, Inference::type($argument->value, $scope)));
        }
        foreach (array_filter($missing, static fn (\ReflectionParameter $parameter): bool => !$parameter->isOptional()) as $name => $left) {
            $faults[] = "is not given \$$name";
        }
        return array_values(array_unique($faults));
    }

    /** @param array<string, \ReflectionParameter> $parameters */
    private static function parameter(array $parameters, int|string $nameOrPlace): ?\ReflectionParameter
    {
        $found = is_string($nameOrPlace) ? $parameters[$nameOrPlace] ?? null : array_values($parameters)[$nameOrPlace] ?? null;
        $last = end($parameters);
        return $found ?? ($last !== false && $last->isVariadic() ? $last : null);
    }

    /** @return list<string> */
    private static function mismatch(\ReflectionParameter $parameter, string $class, ?Type $given): array
    {
        $wanted = Type::declared($parameter->getType(), $class);
        if ($wanted === null || $given === null || $given->fits($wanted)) {
            return [];
        }
        return ["gets {$given->inWords()} for \${$parameter->getName()}, which is {$wanted->inWords()}"];
    }
}
