<?php

declare(strict_types=1);

namespace CrowdSky;

/**
 * Runs a command of bin/: only from a terminal or cron, with errors as one sentence on stderr.
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

    /** Shows how a command is used, for one that was not. */
    public static function usage(string $text): int
    {
        fwrite(STDERR, $text);
        return self::EXIT_USAGE;
    }
}
