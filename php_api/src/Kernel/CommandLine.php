<?php

declare(strict_types=1);

namespace CrowdSky\Kernel;

use CrowdSky\Base\ConfigurationError;

/**
 * Runs a command of bin/, only from a terminal or cron, and reports errors as one sentence on stderr.
 */
final class CommandLine
{
    private const EXIT_USAGE = 64;
    private const EXIT_FAILED = 1;

    /** @param callable(App, list<string>): int $command gets the arguments and returns the exit code */
    public static function run(callable $command): never
    {
        if (PHP_SAPI !== 'cli') {
            http_response_code(404);
            exit(self::EXIT_FAILED);
        }
        $app = App::boot();
        try {
            exit($command($app, array_slice($_SERVER['argv'], 1)));
        } catch (ConfigurationError | \InvalidArgumentException $error) {
            fwrite(STDERR, $error->getMessage() . "\n");
        } catch (\Throwable $error) {
            $cause = $error->getPrevious() === null ? '' : " ({$error->getPrevious()->getMessage()})";
            fwrite(STDERR, "Failed: {$error->getMessage()}$cause\n");
            $context = ['command' => $_SERVER['argv'][0], 'trace' => explode("\n", $error->getTraceAsString())];
            $app->log()->error('command failed: ' . $error->getMessage(), $context);
        }
        exit(self::EXIT_FAILED);
    }

    /**
     * Parses options of the form `--name` and `--name VALUE`.
     *
     * @param list<string> $arguments
     * @param list<string> $flags names without a value
     * @param list<string> $values names with a value
     * @param (\Closure(string): ?string)|null $explain gets the name of an option that is neither; what is wrong with it
     * @return array<string, string|true>|null null for anything else, after it was reported: a misspelt option must not
     *                                         start something unintended
     */
    public static function options(array $arguments, array $flags, array $values, ?\Closure $explain = null): ?array
    {
        $options = [];
        while ($arguments !== []) {
            $name = preg_replace('/^--/', '', array_shift($arguments), 1, $dashes);
            if ($dashes === 1 && in_array($name, $flags, true)) {
                $options[$name] = true;
            } elseif ($dashes === 1 && in_array($name, $values, true) && $arguments !== []) {
                $options[$name] = array_shift($arguments);
            } else {
                $explained = $dashes === 1 && $explain !== null ? $explain($name) : null;
                fwrite(STDERR, ($explained ?? self::wrong($name, $dashes === 1, $values)) . "\n");
                return null;
            }
        }
        return $options;
    }

    /** @param list<string> $values names with a value */
    private static function wrong(string $name, bool $isOption, array $values): string
    {
        return match (true) {
            $isOption && in_array($name, $values, true) => "--$name needs a value",
            $isOption => "There is no option --$name here",
            default => "'$name' is not an option",
        };
    }

    /** @throws \InvalidArgumentException when the value of an option is not a whole number from 0 */
    public static function wholeNumber(string $option, string $value): int
    {
        if (preg_match('/^[0-9]{1,9}$/', $value) !== 1) {
            throw new \InvalidArgumentException("--$option needs a whole number, not '$value'");
        }
        return (int) $value;
    }

    /** Explains how a command is used, after it was used wrongly. */
    public static function usage(string $text): int
    {
        fwrite(STDERR, $text);
        return self::EXIT_USAGE;
    }
}
