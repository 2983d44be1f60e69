<?php

declare(strict_types=1);

namespace CrowdSky\Base;

/**
 * One line per event in {data_dir}/log/crowdsky.log: time, level, message, then the context as JSON.
 *
 * A large file is renamed to crowdsky.log.1, because a shared host has no logrotate. When the file cannot be written
 * the line goes to PHP's own error log.
 */
final class Logger
{
    /** Levels in rising order. */
    public const LEVELS = ['debug', 'info', 'warning', 'error'];

    private const ROTATE_BYTES = 10 << 20;

    public function __construct(
        private readonly string $file,
        private readonly string $threshold,
        private readonly Clock $clock,
    ) {
    }

    /** @param array<string, mixed> $context */
    public function debug(string $message, array $context = []): void
    {
        $this->write('debug', $message, $context);
    }

    /** @param array<string, mixed> $context */
    public function info(string $message, array $context = []): void
    {
        $this->write('info', $message, $context);
    }

    /** @param array<string, mixed> $context */
    public function warning(string $message, array $context = []): void
    {
        $this->write('warning', $message, $context);
    }

    /** @param array<string, mixed> $context */
    public function error(string $message, array $context = []): void
    {
        $this->write('error', $message, $context);
    }

    /** @param array<string, mixed> $context */
    private function write(string $level, string $message, array $context): void
    {
        if (array_search($level, self::LEVELS, true) < array_search($this->threshold, self::LEVELS, true)) {
            return;
        }
        $line = $this->clock->now()->format('Y-m-d\TH:i:s.v\Z') . ' ' . strtoupper($level) . ' ' . self::oneLine($message);
        if ($context !== []) {
            $line .= ' ' . json_encode($context, JSON_UNESCAPED_SLASHES | JSON_UNESCAPED_UNICODE | JSON_INVALID_UTF8_SUBSTITUTE | JSON_PARTIAL_OUTPUT_ON_ERROR);
        }
        $this->rotateWhenLarge();
        if (@file_put_contents($this->file, "$line\n", FILE_APPEND | LOCK_EX) === false) {
            error_log("CrowdSky: $line");
        }
    }

    private function rotateWhenLarge(): void
    {
        if (@filesize($this->file) > self::ROTATE_BYTES) {
            @rename($this->file, "{$this->file}.1");
        }
    }

    /** A message must not be able to forge a second log line. */
    private static function oneLine(string $message): string
    {
        return preg_replace('/[\x00-\x1f\x7f]+/', ' ', $message) ?? '';
    }
}
