<?php

declare(strict_types=1);

namespace CrowdSky\Kernel;

use CrowdSky\Base\Logger;

/**
 * Turns PHP's warnings and notices into exceptions, so that nothing goes on with a wrong value.
 *
 * A deprecation says only that a later version of PHP will differ: it is logged once, and the request goes on.
 */
final class ErrorHandler
{
    private bool $isLogging = false;

    /** @param \Closure(): ?Logger $log the log, or null if there can be none */
    public function __construct(private readonly \Closure $log)
    {
    }

    /** @throws \ErrorException for everything but deprecations and what was silenced */
    public function __invoke(int $level, string $message, string $file, int $line): bool
    {
        if ((error_reporting() & $level) === 0) {
            return false;
        }
        if (in_array($level, [E_DEPRECATED, E_USER_DEPRECATED], true)) {
            $this->log("PHP deprecation: $message at $file:$line");
            return true;
        }
        throw new \ErrorException($message, 0, $level, $file, $line);
    }

    /** Opening the log may itself be deprecated. */
    private function log(string $sentence): void
    {
        if (!$this->isLogging) {
            $this->isLogging = true;
            try {
                ($this->log)()?->once($sentence);
            } finally {
                $this->isLogging = false;
            }
        }
    }
}
